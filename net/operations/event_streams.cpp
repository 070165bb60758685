// SPDX-License-Identifier: MIT
#include "net/operations/event_streams.hpp"

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace gestvenv {

namespace {

class event_stream_state {
public:
    event_stream_state(event_stream_actor::pointer self, event_receiver receiver)
        : self_(self), receiver_(std::move(receiver)) {}

    event_stream_actor::behavior_type make_behavior() {
        end_on_exception(self_);
        return {[this](note_atom, const numbered_event& event) -> caf::result<void> {
            if (!receiver_.take(event))
                self_->quit();
            return {};
        }};
    }

    static inline const char* name = "gestvenv.event_stream";

private:
    event_stream_actor::pointer self_;
    event_receiver receiver_;
};

} // namespace

event_streams_actor::behavior_type event_streams_state::make_behavior() {
    end_on_exception(self_);
    return {[this](follow_atom, event_receiver& receiver) -> caf::result<event_stream_actor> {
                return follow(std::move(receiver));
            },
            [this](note_atom, runtime_event& event) -> caf::result<void> {
                numbered_event numbered{next_number_++, std::move(event)};
                for (const auto& [number, stream] : streams_)
                    caf_compat::send_anonymously(stream, note_atom_v, numbered);
                kept_.push_back(std::move(numbered));
                if (kept_.size() > most_kept)
                    kept_.pop_front();
                return {};
            },
            [this](child_down_atom, std::uint64_t stream) -> caf::result<void> {
                streams_.erase(stream);
                return {};
            }};
}

event_stream_actor event_streams_state::follow(event_receiver receiver) {
    const auto after = receiver.after;
    auto stream =
        self_->system().spawn<event_stream_actor::stateful_impl<event_stream_state>>(std::move(receiver));
    const auto number = next_stream_++;
    caf_compat::on_down(stream, [all = event_streams_actor{self_}, number](const caf::error&) {
        caf_compat::send_anonymously(all, child_down_atom_v, number);
    });
    for (const auto& event : kept_)
        if (event.number > after)
            caf_compat::send_anonymously(stream, note_atom_v, event);
    streams_.emplace(number, stream);
    return stream;
}

event_streams_actor spawn_event_streams(caf::actor_system& system) {
    return system.spawn<event_streams_actor::stateful_impl<event_streams_state>>();
}

} // namespace gestvenv
