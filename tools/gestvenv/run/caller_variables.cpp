// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/caller_variables.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

// Sorted by what they are for.
constexpr std::array<std::string_view, 83> passed{
    // time and language; LC_* besides
    "TZ", "LANG", "LANGUAGE",
    // the terminal, and whether there are colours
    "TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS",
    "COLORFGBG",
    // that it is a continuous integration, and which: markers without a secret
    "CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "CIRRUS_CI",
    "TRAVIS", "APPVEYOR", "TF_BUILD", "JENKINS_URL", "HUDSON_URL", "TEAMCITY_VERSION", "BUILDKITE", "DRONE",
    "WOODPECKER", "SEMAPHORE", "BITBUCKET_BUILD_NUMBER", "CODEBUILD_BUILD_ID", "bamboo_buildKey",
    "GITEA_ACTIONS", "FORGEJO_ACTIONS",
    // which repository a hook of git's is about
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH",
    // which GPUs and how many threads it is to have: what a batch system or a container gives
    "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ZE_AFFINITY_MASK", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT",
    "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS", "RAYON_NUM_THREADS",
    // proxies
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
    "ftp_proxy", "all_proxy", "no_proxy",
    // certificates of authorities
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "PIP_CERT", "AWS_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS", "CARGO_HTTP_CAINFO", "DENO_CERT", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE"};

} // namespace

variable_map variables_of_this_process() {
    variable_map found;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text{*entry};
        auto equals = text.find('=');
        if (equals != 0 && equals != std::string_view::npos)
            // The first of several counts, as for getenv(3).
            found.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return found;
}

bool reaches_command(std::string_view name) noexcept {
    return name.starts_with("LC_") || std::find(passed.begin(), passed.end(), name) != passed.end();
}

variable_map ambient_variables(const variable_map& callers) {
    variable_map found;
    for (const auto& [name, value] : callers)
        if (reaches_command(name))
            found.emplace(name, value);
    return found;
}

variable_map named_variables(const variable_map& callers, const std::vector<std::string>& names) {
    variable_map found;
    for (const auto& name : names)
        if (auto entry = callers.find(name); entry != callers.end())
            found.insert(*entry);
    return found;
}

} // namespace gestvenv::cli
