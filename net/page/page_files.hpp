// SPDX-License-Identifier: MIT
// The files of the page, as they are built into the node's program.
#pragma once

#include <span>
#include <string_view>

namespace gestvenv::page {

struct page_file {
    /// `index.html`, or a name below `/page/`.
    std::string_view name;
    std::string_view media_type;
    /// A strong one (RFC 9110, section 8.8.3), with its quotes: of what is in it.
    std::string_view entity_tag;
    /// `gzip`, or empty for a file that is compressed in itself.
    std::string_view encoding;
    std::string_view content;
};

/// Empty in a program without the page: all but `gestvenv-node`, and that one too where Node.js was missing when it was
/// built (cmake/page.cmake).
std::span<const page_file> page_files();

} // namespace gestvenv::page
