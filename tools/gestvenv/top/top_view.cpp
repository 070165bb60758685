// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_view.hpp"

#include "tools/gestvenv/top/usage_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace gestvenv::cli {

namespace {

constexpr std::size_t narrowest_name = 8;
constexpr std::size_t widest_name = 64; // the longest that there can be
constexpr double one_core = 100;
constexpr double least_scale_of_memory = 1 << 20;

/// `text` in `width` columns; names and states are ASCII.
std::string left(std::string_view text, std::size_t width) {
    return text.size() <= width ? fmt::format("{:<{}}", text, width)
                                : fmt::format("{}+", text.substr(0, width - 1));
}

double greatest(const std::deque<double>& values, double least) {
    return values.empty() ? least : std::max(least, *std::max_element(values.begin(), values.end()));
}

double scale_of_memory(const top_row& row) {
    if (row.now.memory_limit_bytes.value_or(0) > 0)
        return static_cast<double>(*row.now.memory_limit_bytes);
    return greatest(row.memory_bytes, least_scale_of_memory);
}

std::string marked(std::string_view title, top_order column, const top_model& model) {
    if (model.order() != column)
        return std::string{title};
    return fmt::format("{}{}", title, model.is_reversed() ? '^' : 'v');
}

} // namespace

top_layout layout_for(std::size_t width, bool blocks) {
    top_layout layout;
    layout.blocks = blocks;
    // Name, processes, CPU and memory are always there; what is added first is missed most.
    std::size_t used = narrowest_name + 6 + 8 + 8;
    auto add = [&](std::size_t columns) {
        const bool fits = used + columns <= width;
        used += fits ? columns : 0;
        return fits;
    };
    layout.has_disk = add(8);
    layout.has_age = add(8);
    if (add(2 * 11))
        layout.graph = 10;
    layout.has_status = add(11);
    layout.name =
        std::min(widest_name, narrowest_name + std::min<std::size_t>(width - std::min(width, used), 16));
    used += layout.name - narrowest_name;
    if (layout.graph > 0 && width > used)
        layout.graph += std::min((width - used) / 2, top_model::most_samples - layout.graph);
    return layout;
}

std::string top_heading(const top_layout& layout, const top_model& model) {
    auto text = left(marked("NAME", top_order::name, model), layout.name);
    if (layout.has_status)
        text += fmt::format(" {:<10}", "STATUS");
    if (layout.has_age)
        text += fmt::format(" {:>7}", marked("TIME", top_order::age, model));
    text += fmt::format(" {:>5}", marked("PROC", top_order::processes, model));
    text += fmt::format(" {:>7}", marked("CPU %", top_order::cpu, model));
    if (layout.graph > 0)
        text += std::string(layout.graph + 1, ' ');
    text += fmt::format(" {:>7}", marked("MEM", top_order::memory, model));
    if (layout.graph > 0)
        text += std::string(layout.graph + 1, ' ');
    if (layout.has_disk)
        text += fmt::format(" {:>7}", marked("DISK", top_order::disk, model));
    return text;
}

std::string top_line(const top_layout& layout, const top_row& row,
                     std::chrono::system_clock::time_point now) {
    auto text = left(row.now.name.empty() ? row.now.id : row.now.name, layout.name);
    if (layout.has_status)
        text += " " + left(to_string(row.now.status), 10);
    if (layout.has_age)
        text += fmt::format(
            " {:>7}",
            short_duration(
                std::chrono::duration_cast<std::chrono::seconds>(now - row.now.created_at).count()));
    text += fmt::format(" {:>5}", row.processes());
    text += fmt::format(" {:>7.1f}", row.cpu());
    if (layout.graph > 0)
        text += " " + usage_graph(row.cpu_percent, layout.graph, greatest(row.cpu_percent, one_core),
                                  layout.blocks);
    text += fmt::format(" {:>7}", short_size(row.memory()));
    if (layout.graph > 0)
        text += " " + usage_graph(row.memory_bytes, layout.graph, scale_of_memory(row), layout.blocks);
    if (layout.has_disk)
        text += fmt::format(" {:>7}", short_size(row.disk()));
    return text;
}

std::string top_summary(const top_model& model) {
    const auto& total = model.total();
    auto text = fmt::format("{} environment{}, {} processes, CPU {:.0f} %, memory {}, disk {}", model.all(),
                            model.all() == 1 ? "" : "s", total.processes(), total.cpu(),
                            short_size(total.memory()), short_size(total.disk()));
    if (model.shown().size() != model.all())
        text += fmt::format("; {} shown", model.shown().size());
    return text;
}

std::string top_graphs(const top_model& model, std::size_t width, bool blocks) {
    constexpr std::size_t labels = 5 + 3 + 4;
    if (width < labels + 2 * 4)
        return {};
    const auto graph = std::min((width - labels) / 2, top_model::most_samples);
    const auto& total = model.total();
    return fmt::format(
        "CPU [{}] MEM [{}]",
        usage_graph(total.cpu_percent, graph - 2, greatest(total.cpu_percent, one_core), blocks),
        usage_graph(total.memory_bytes, graph - 2, greatest(total.memory_bytes, least_scale_of_memory),
                    blocks));
}

std::string top_table(const top_model& model, std::size_t width, std::chrono::system_clock::time_point now) {
    if (model.all() == 0)
        return "no environments\n";
    constexpr std::size_t usual_width = 100;
    auto layout = layout_for(width == 0 ? usual_width : width, true);
    layout.graph = 0; // of one sample
    auto text = top_heading(layout, model) + "\n";
    for (const auto* row : model.shown())
        text += top_line(layout, *row, now) + "\n";
    return text;
}

} // namespace gestvenv::cli
