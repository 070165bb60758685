// SPDX-License-Identifier: MIT
#include "messages/nearest_name.hpp"

#include <algorithm>
#include <numeric>

namespace gestvenv {

namespace {

// Longer words are no slip of the fingers, and comparing them costs their product.
constexpr std::size_t longest_word = 64;

/// Damerau and Levenshtein's distance in its restricted form: insertions, deletions, substitutions, and swaps
/// of neighbours, which are the commonest slip.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

std::optional<std::string> nearest_name(std::string_view word, const std::vector<std::string>& known) {
    if (word.size() > longest_word)
        return {};
    std::optional<std::string> best;
    std::size_t best_distance = 0;
    auto letters = [](std::string_view name) {
        return name.substr(std::min(name.find_first_not_of('-'), name.size()));
    };
    for (const auto& name : known) {
        auto typed = letters(word);
        auto wanted = letters(name);
        if (wanted.size() < 3) // any other letter is near a single one
            continue;
        // A third of the letters wrong is another word; the beginning of a name is that name.
        bool beginning = typed.size() >= 3 && wanted.substr(0, typed.size()) == typed;
        auto differs = beginning ? 0 : distance(word, name);
        if (differs > std::max<std::size_t>(1, wanted.size() / 3))
            continue;
        if (!best || differs < best_distance) {
            best = name;
            best_distance = differs;
        }
    }
    return best;
}

} // namespace gestvenv
