// SPDX-License-Identifier: MIT
// Turns a few environments that an interpreter's own `venv` made into the one description of all it can make.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/venv_layout.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::python {

/// A folder, file or link as it was found; fields as in layout_entry.
struct recorded_entry {
    layout_entry_kind kind = layout_entry_kind::file;
    std::uint16_t mode = 0;
    std::string path;
    /// A file's content or a link's target.
    std::string text;
};

/// One environment that `venv` made, and with what.
struct recorded_environment {
    layout_values values;
    /// Each folder before what is in it.
    std::vector<recorded_entry> entries;
};

/// What an interpreter's `venv` made.
struct layout_recording {
    /// With values that every quoting changes, differently: apostrophe, quotation mark, backslash, space.
    recorded_environment quoted_with_prompt;
    recorded_environment quoted_without_prompt;
    /// With values that no quoting changes.
    recorded_environment plain_with_prompt;
    recorded_environment plain_without_prompt;
};

/// The layout that renders to each of the four environments, byte for byte. A file in which a value stands in
/// a quoting that is not known here is described by its plain form alone (layout_quoting::plain_only). Error:
/// creation_failed, naming the file, when even that form is not reproduced.
outcome<venv_layout> make_layout(const layout_recording& recording);

template <class Inspector>
bool inspect(Inspector& f, recorded_entry& x) {
    return f.object(x).fields(f.field("kind", x.kind), f.field("mode", x.mode), f.field("path", x.path),
                              f.field("text", x.text));
}

template <class Inspector>
bool inspect(Inspector& f, recorded_environment& x) {
    return f.object(x).fields(f.field("values", x.values), f.field("entries", x.entries));
}

template <class Inspector>
bool inspect(Inspector& f, layout_recording& x) {
    return f.object(x).fields(f.field("quoted_with_prompt", x.quoted_with_prompt),
                              f.field("quoted_without_prompt", x.quoted_without_prompt),
                              f.field("plain_with_prompt", x.plain_with_prompt),
                              f.field("plain_without_prompt", x.plain_without_prompt));
}

} // namespace gestvenv::python
