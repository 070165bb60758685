// SPDX-License-Identifier: MIT
// What `gestvenv ephemeral top` shows: environments with their last samples, in an order, with one of them chosen. Knows no
// terminal and no node.
#pragma once

#include "net/rest/environment_usage.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gestvenv::cli {

/// The columns by which rows can be ordered, from the left.
enum class top_order : std::uint8_t { name, age, processes, cpu, memory, disk };

std::string_view to_string(top_order value) noexcept;

struct top_row {
    rest::environment_usage now;
    /// The last samples, oldest first.
    std::deque<double> cpu_percent;
    std::deque<double> memory_bytes;

    double cpu() const noexcept { return now.cpu_percent; }
    double memory() const noexcept { return static_cast<double>(now.memory_bytes); }
    double disk() const noexcept { return static_cast<double>(now.disk_bytes); }
    std::int64_t processes() const noexcept { return now.processes; }
};

class top_model {
public:
    /// As many as the widest graph shows.
    static constexpr std::size_t most_samples = 60;

    /// Takes what lives now. What does not any more goes.
    void update(std::vector<rest::environment_usage> living);

    /// Another order; the same again turns it round. Names and ages begin with the least, all others with the most.
    void order_by(top_order order);
    /// The next column, or the one before.
    void order_by_neighbour(int steps);
    top_order order() const noexcept { return order_; }
    bool is_reversed() const noexcept { return reversed_; }

    /// Only those whose name or id has it are shown.
    void filter(std::string text);
    const std::string& filter() const noexcept { return filter_; }

    /// Moves the choice; it stays with its environment when the order changes.
    void move(std::ptrdiff_t rows);
    /// The chosen one; null: none is shown.
    const top_row* chosen() const;
    /// Its place among those that are shown.
    std::size_t place() const noexcept { return place_; }

    /// In their order. Good until the next change.
    const std::vector<const top_row*>& shown() const noexcept { return shown_; }
    std::size_t all() const noexcept { return rows_.size(); }

    /// Of all that live, also of those that are not shown.
    const top_row& total() const noexcept { return total_; }

private:
    void arrange();
    void add_to_total();
    bool comes_before(const top_row& a, const top_row& b) const;

    /// By id.
    std::unordered_map<std::string, top_row> rows_;
    top_row total_;
    std::vector<const top_row*> shown_;
    std::string filter_;
    std::string chosen_;
    std::size_t place_ = 0;
    top_order order_ = top_order::cpu;
    bool reversed_ = false;
};

} // namespace gestvenv::cli
