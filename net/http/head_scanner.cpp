// SPDX-License-Identifier: MIT
#include "net/http/head_scanner.hpp"

#include "net/http/text.hpp"

namespace gestvenv::http {

tl::expected<std::optional<std::size_t>, fault> head_scanner::scan(std::string_view arrived) {
    for (; seen_ < arrived.size(); ++seen_) {
        char letter = arrived[seen_];
        bool after_cr = seen_ > 0 && arrived[seen_ - 1] == '\r';
        if (after_cr != (letter == '\n'))
            return tl::unexpected(fault{400, after_cr ? "a CR in the header is not followed by LF"
                                                      : "a line of the header ends without CR"});
        if (letter == '\n') {
            if (seen_ == line_ + 1)
                return seen_ + 1;
            line_ = seen_ + 1;
        } else if (seen_ == line_ && seen_ > 0 && (letter == ' ' || letter == '\t')) {
            return tl::unexpected(fault{400, "a line of the header begins with a space"});
        } else if (is_control(letter) && letter != '\r' && letter != '\t') {
            return tl::unexpected(fault{400, "the header has a control character"});
        }
    }
    return std::nullopt;
}

} // namespace gestvenv::http
