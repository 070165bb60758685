// SPDX-License-Identifier: MIT
// What a virtual environment of one interpreter consists of: folders, files and links, with the places marked
// where its own path and prompt go. Recorded once per interpreter (see interpreter_probe.hpp), written many
// times (see system/launcher/write_layout.hpp). Links into the launcher: no JSON, no fmt, nothing that starts
// a process.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/inspect_support.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// What an entry is. Values are part of the wire format: append only.
enum class layout_entry_kind : std::uint8_t { directory, file, symlink };

/// The content of one place of a file.
enum class layout_value : std::uint8_t {
    literal,   ///< the segment's own text
    venv_path, ///< the environment's absolute path
    venv_name, ///< the last component of that path
    prompt,    ///< the prompt; without one, the last component of the path
};
inline constexpr std::size_t layout_value_count = 4;

/// How the value is spelled there. Releases of `venv` differ: since CPython gh-124651 (3.12.8, 3.13.1, and
/// distributions' backports) paths and prompts are quoted for the shell that reads the script.
enum class layout_quoting : std::uint8_t {
    none,             ///< as it is
    shell_word,       ///< as `shlex.quote`: quoted only where it needs to be
    shell_inner,      ///< between the single quotes of a shell word: `'` is `'"'"'`
    powershell_inner, ///< between the single quotes of a PowerShell string: `'` is `''`
    python_repr,      ///< as `repr` in Python
    /// not understood: the same as `none` for a value that no quoting changes, and for another value the file
    /// cannot be written (see layout_renderer::can_render)
    plain_only,
};
inline constexpr std::size_t layout_quoting_count = 6;

/// Whether an entry is there; `pyvenv.cfg` differs where a prompt was asked for.
enum class layout_condition : std::uint8_t { always, with_prompt, without_prompt };

std::string_view to_string(layout_entry_kind value) noexcept;
std::string_view to_string(layout_value value) noexcept;
std::string_view to_string(layout_quoting value) noexcept;
std::string_view to_string(layout_condition value) noexcept;
bool from_string(std::string_view text, layout_entry_kind& value) noexcept;
bool from_string(std::string_view text, layout_value& value) noexcept;
bool from_string(std::string_view text, layout_quoting& value) noexcept;
bool from_string(std::string_view text, layout_condition& value) noexcept;

/// A piece of a file or of a link's target.
struct layout_segment {
    layout_value value = layout_value::literal;
    layout_quoting quoting = layout_quoting::none;
    /// UTF-8; empty unless `value` is `literal`.
    std::string text;

    friend bool operator==(const layout_segment&, const layout_segment&) = default;
};

/// One folder, file or link.
struct layout_entry {
    layout_entry_kind kind = layout_entry_kind::file;
    layout_condition condition = layout_condition::always;
    /// Permission bits, 0 to 0777; without meaning for a link.
    std::uint16_t mode = 0644;
    /// Relative to the environment's folder, without `.` and `..`, UTF-8.
    std::string path;
    /// A file's content or a link's target, in order; empty for a folder.
    std::vector<layout_segment> content;

    friend bool operator==(const layout_entry&, const layout_entry&) = default;
};

/// Everything below the environment's folder (not the folder itself), each folder before what is in it.
struct venv_layout {
    std::vector<layout_entry> entries;

    friend bool operator==(const venv_layout&, const venv_layout&) = default;
};

/// What differs between two environments of one interpreter.
struct layout_values {
    /// Absolute, without a trailing `/`, without `:` (it separates the entries of PATH; `venv` refuses it
    /// too), UTF-8 without control characters.
    std::string venv_path;
    /// As given to `venv --prompt`; unset is `venv` without that option. UTF-8 without control characters.
    std::optional<std::string> prompt;
};

/// Whether `values` keeps to what is written at its fields; invalid_argument otherwise.
outcome<void> check(const layout_values& values);

/// Whether every path of `layout` stays below the folder and every entry is well formed; invalid_argument
/// otherwise. For a layout that came over a wire or out of a file.
outcome<void> check(const venv_layout& layout);

/// Whether `value` is the same inside every quoting: ASCII letters and digits and `_@%+=:,./-` only, not
/// empty.
bool needs_no_quoting(std::string_view value) noexcept;

/// `value` as it is spelled under `quoting`. `python_repr` takes every character beyond ASCII for printable.
std::string quoted(std::string_view value, layout_quoting quoting);

/// The values of one environment, each quoted in every way at most once. Not thread-safe; `values` must
/// outlive it.
class layout_renderer {
public:
    explicit layout_renderer(const layout_values& values) : values_{values} {}

    /// The text that stands for `segment`. Valid until the renderer or the segment is gone.
    std::string_view text_of(const layout_segment& segment);
    /// Replaces `out` by the whole content of `entry`.
    void render(const layout_entry& entry, std::string& out);
    /// Whether an entry with this condition is part of this environment.
    bool holds(layout_condition condition) const noexcept;
    /// Whether it is known how to spell these values in `entry`.
    bool can_render(const layout_entry& entry) const noexcept;

private:
    std::string_view plain(layout_value value) const noexcept;

    const layout_values& values_;
    std::optional<std::string> quoted_[layout_value_count][layout_quoting_count];
};

template <class Inspector>
bool inspect(Inspector& f, layout_entry_kind& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, layout_value& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, layout_quoting& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, layout_condition& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, layout_segment& x) {
    return f.object(x).fields(f.field("value", x.value), f.field("quoting", x.quoting),
                              f.field("text", x.text));
}

template <class Inspector>
bool inspect(Inspector& f, layout_entry& x) {
    return f.object(x).fields(f.field("kind", x.kind), f.field("condition", x.condition),
                              f.field("mode", x.mode), f.field("path", x.path),
                              f.field("content", x.content));
}

template <class Inspector>
bool inspect(Inspector& f, venv_layout& x) {
    return f.object(x).fields(f.field("entries", x.entries));
}

template <class Inspector>
bool inspect(Inspector& f, layout_values& x) {
    return f.object(x).fields(f.field("venv_path", x.venv_path), f.field("prompt", x.prompt));
}

} // namespace gestvenv::python
