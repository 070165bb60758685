// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/built_page.hpp"

#ifndef GESTVENV_PAGE_IS_LEFT_OUT
#define GESTVENV_PAGE_IS_LEFT_OUT ""
#define GESTVENV_PAGE_REMEDY ""
#endif

namespace gestvenv::cli {

ability page_of_node() {
    ability one;
    one.kind = ability::group::node;
    one.name = "page";
    one.missing.why = GESTVENV_PAGE_IS_LEFT_OUT;
    one.available = one.missing.why.empty();
    if (one.available)
        one.detail = "gestvenv node open";
    else
        one.missing.remedy = GESTVENV_PAGE_REMEDY;
    return one;
}

} // namespace gestvenv::cli
