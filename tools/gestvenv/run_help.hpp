// SPDX-License-Identifier: MIT
// The texts around the options in `gestvenv run --help`.
#pragma once

namespace gestvenv::cli {

inline constexpr const char* run_description =
    "Makes an environment, runs CMD in it, and takes it down again, whatever happens.";

inline constexpr const char* run_footer =
    R"(CMD is a program with its arguments, each passed on as it is. Everything after its name belongs to it;
`--` before it is needed only where it begins with a dash. It has the streams, the terminal and the
signals of gestvenv itself: a first SIGINT or SIGTERM is CMD's to handle, the third SIGINT within two
seconds, or a second SIGTERM, ends everything at once. After --timeout it is asked to end, and killed
after stop_grace (2 s).

TIME is seconds or has a unit: 90, 0.5s, 10m, 2h, 1d. SIZE is megabytes or has a unit (512M, 2G), for
output bytes or a unit (64K). In GLOB a * ? [...] is as in a shell, ** is any number of folders, and a
folder is copied with all in it. Leading folders without wildcards are left out of the copy's path:
'dist/*.whl=out' makes out/x.whl.

exit status:
  that of CMD, or 128+n where signal n ended it (by signal n, where gestvenv had passed it on); else
  2    the command line or the configuration is not right; nothing was started
  124  --timeout passed
  125  the environment could not be made, a package not be installed, or an artifact not be written
  126  CMD cannot be executed
  127  CMD was not found

examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests,rich -- python fetch.py --all
  gestvenv run --requirements requirements.txt --python 3.12 --timeout 10m -- python -m pytest -q
  gestvenv run --pass-env API_TOKEN --env-file .env --set-env MODE=test -- ./check.sh
  gestvenv run --artifacts 'logs/*=logs' --shell './check.sh && cp -r out/logs "$GESTVENV_WORK"')";

} // namespace gestvenv::cli
