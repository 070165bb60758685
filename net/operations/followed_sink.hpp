// SPDX-License-Identifier: MIT
// Output of a command that its client hears over a channel of its own, and others follow as that of an operation.
#pragma once

#include "net/operations/operation_output.hpp"
#include "system/process/output_sink.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace gestvenv {

/// The client decides when there is enough; followers hold nothing up.
class followed_sink final : public output_sink {
public:
    static std::shared_ptr<output_sink> make(std::shared_ptr<output_sink> client,
                                             std::shared_ptr<operation_output> followed) {
        auto made = std::make_shared<followed_sink>(std::move(client), std::move(followed));
        made->client_->on_room([weak = std::weak_ptr{made}] {
            if (auto living = weak.lock())
                living->tell_room();
        });
        return made;
    }

    followed_sink(std::shared_ptr<output_sink> client, std::shared_ptr<operation_output> followed)
        : client_(std::move(client)), followed_(std::move(followed)) {}

    bool take(output_stream which, std::string_view piece) override {
        (void)followed_->take(which, piece);
        return client_->take(which, piece);
    }

private:
    std::shared_ptr<output_sink> client_;
    std::shared_ptr<operation_output> followed_;
};

} // namespace gestvenv
