// SPDX-License-Identifier: MIT
#include "runtime/output_lines.hpp"

#include <algorithm>
#include <utility>

namespace gestvenv {

bool output_lines::take(output_stream which, std::string_view piece) {
    auto& line = begun_[static_cast<std::size_t>(which)];
    while (!piece.empty()) {
        auto end = piece.find('\n');
        auto room = longest_line - line.size();
        auto size = std::min(end == std::string_view::npos ? piece.size() : end, room);
        line.append(piece.substr(0, size));
        piece.remove_prefix(size);
        bool complete = !piece.empty() && piece.front() == '\n';
        if (complete)
            piece.remove_prefix(1);
        if (complete || line.size() == longest_line)
            hand_over(which, std::exchange(line, {}));
    }
    if (waiting_ < most_waiting)
        return true;
    paused_ = true;
    // The host may have taken it in between; that it then tells of room as well does no harm.
    if (waiting_ >= most_waiting)
        return false;
    paused_ = false;
    return true;
}

void output_lines::finish() {
    for (auto which : {output_stream::standard_output, output_stream::standard_error})
        if (auto& line = begun_[static_cast<std::size_t>(which)]; !line.empty())
            hand_over(which, std::exchange(line, {}));
}

void output_lines::hand_over(output_stream which, std::string line) {
    // An empty line waits as well.
    auto cost = line.size() + 1;
    waiting_ += cost;
    thread_.post([self = shared_from_this(), which, line = std::move(line), cost] {
        // Counted as taken even where the host throws.
        struct taken {
            output_lines& lines;
            std::size_t cost;
            ~taken() {
                if ((lines.waiting_ -= cost) < most_waiting / 2 && lines.paused_.exchange(false))
                    lines.tell_room();
            }
        } guard{*self, cost};
        self->host_(which, line);
    });
}

} // namespace gestvenv
