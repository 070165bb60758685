# SPDX-License-Identifier: MIT
# The version of the CAF that find_package found. CAF's package file for 0.18.7 accepts an exact match only, so
# the version is never given to find_package but read afterwards. The header's CAF_VERSION is no help: in 1.0
# and 1.1 it is written with a leading zero, which makes it octal.
function(gestvenv_caf_version result)
    set(${result} "${CAF_VERSION}" PARENT_SCOPE)
endfunction()
