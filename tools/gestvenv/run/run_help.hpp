// SPDX-License-Identifier: MIT
// The texts around the options in `gestvenv run --help`.
#pragma once

namespace gestvenv::cli {

inline constexpr const char* run_description =
    "Makes an environment, runs CMD in it, and removes the environment in any case.";

inline constexpr const char* run_footer =
    R"(All words after CMD are its arguments, passed on unchanged. `--` is needed only if CMD starts with a
dash. CMD runs in the foreground: it gets gestvenv's streams, terminal and signals. CMD handles the
first SIGINT or SIGTERM; the third SIGINT within two seconds, or a second SIGTERM, ends everything at
once. After --timeout CMD gets SIGTERM, and SIGKILL after stop_grace (2 s). A Python script whose inline
metadata (PEP 723) declare packages gets them; `-` as CMD is a script from standard input.

TIME: seconds, or a number with a unit (0.5s, 10m, 2h, 1d). SIZE: megabytes, or with a unit (512M, 2G);
for output: bytes, or with a unit (64K). GLOB: * ? [...] as in a shell, ** matches any number of
folders; a folder is copied with its contents. Leading folders without wildcards are left out of the
copy's path: 'dist/*.whl=out' makes out/x.whl.

exit status:
  CMD's status, or 128+n if signal n ended it (gestvenv ends by a signal that it has passed on); else
  2    error in the command line or the configuration; nothing was started
  124  --timeout passed
  125  the environment could not be made or found, a package not installed, or an artifact not written
  126  CMD cannot be executed
  127  CMD was not found

examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests,rich -- python fetch.py --all
  gestvenv run --requirements requirements.txt --python 3.12 --timeout 10m -- python -m pytest -q
  gestvenv run --pass-env API_TOKEN --env-file .env --set-env MODE=test -- ./check.sh
  gestvenv run --env ci-test pytest tests/
  gestvenv run --artifacts 'logs/*=logs' --shell './check.sh && cp -r out/logs "$GESTVENV_WORK"')";

} // namespace gestvenv::cli
