// SPDX-License-Identifier: MIT
// What the page's own routes take and answer.
#pragma once

#include <chrono>
#include <string>

namespace gestvenv::page {

struct page_link_request {
    /// Whether it only lists and shows.
    bool read_only = false;
    /// Whether a file is written that takes a browser there.
    bool with_file = false;
};

struct page_link {
    std::string url;
    std::chrono::system_clock::time_point expires_at;
    /// Empty unless it was asked for; removed when the link has been used or has expired.
    std::string file;
};

struct page_session_request {
    std::string link;
};

struct page_session_info {
    /// `read` or `admin`.
    std::string may;
    std::chrono::system_clock::time_point expires_at;
    std::string version;
};

template <class Inspector>
bool inspect(Inspector& f, page_link_request& x) {
    return f.object(x).fields(f.field("read_only", x.read_only), f.field("with_file", x.with_file));
}

template <class Inspector>
bool inspect(Inspector& f, page_link& x) {
    return f.object(x).fields(f.field("url", x.url), f.field("expires_at", x.expires_at),
                              f.field("file", x.file));
}

template <class Inspector>
bool inspect(Inspector& f, page_session_request& x) {
    return f.object(x).fields(f.field("link", x.link));
}

template <class Inspector>
bool inspect(Inspector& f, page_session_info& x) {
    return f.object(x).fields(f.field("right", x.may), f.field("expires_at", x.expires_at),
                              f.field("version", x.version));
}

} // namespace gestvenv::page
