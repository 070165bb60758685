// SPDX-License-Identifier: MIT
#include "system/journal/young_image.hpp"

#include "system/posix/system_failure.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <unistd.h>

namespace gestvenv::young_image {

namespace {

constexpr std::size_t used_size = std::size_t{6} * 4096;

struct part {
    std::size_t offset;
    std::string_view digits;
};

// sqlite.org/fileformat2.html: the header and the schema, a page for each table, and the list of free pages. It is what
// write_tables() in schema.cpp makes without contents; a test compares the two, and prints what is to be here.
constexpr std::array parts{
    part{0, "53514c69746520666f726d61742033001000020200402020000000010000004500000006000000400000000400000004"
            "00000000000000000000000100000001"},
    part{95, "01002e63010d000000040d7c000fad0ecf0dd50d7c"},
    part{3452,
         "57040717171701810d7461626c657370616365737061636505435245415445205441424c452073706163652869642049"
         "4e5445474552205052494d415259204b45592c2066696c6c657220424c4f42204e4f54204e554c4c2981770307172525"
         "0183317461626c65656e7669726f6e6d656e7473656e7669726f6e6d656e747304435245415445205441424c4520656e"
         "7669726f6e6d656e7473280a202020202020202069642054455854205052494d415259204b45592c20696e666f205445"
         "5854204e4f54204e554c4c2c20737461727465645f617420494e5445474552204e4f54204e554c4c2c20656e6465645f"
         "617420494e54454745522c20626f6f745f696420544558542c0a2020202020202020656e6465645f73696e63655f626f"
         "6f7420494e54454745522c20636175736520544558542c207265636569707420544558542920574954484f555420524f"
         "574944815b0207171f1f0183057461626c657265736f75726365737265736f757263657303435245415445205441424c"
         "45207265736f7572636573280a2020202020202020696420494e5445474552205052494d415259204b45592c20656e76"
         "69726f6e6d656e745f69642054455854204e4f54204e554c4c2c206b696e642054455854204e4f54204e554c4c2c2064"
         "657461696c2054455854204e4f54204e554c4c2c0a2020202020202020626f6f745f69642054455854204e4f54204e55"
         "4c4c2c20696e74656e6465645f617420494e5445474552204e4f54204e554c4c295101071715150181057461626c656d"
         "6574616d65746102435245415445205441424c45206d657461286b65792054455854205052494d415259204b45592c20"
         "76616c75652920574954484f555420524f574944"},
    part{4096, "0a000000020fe9000ff70fe9"},
    part{8169, "0d0321086c6f675f7374617274730803170865706f6368"},
    part{8192, "0d0000000010"},
    part{12288, "0a0000000010"},
    part{16384, "0d000000001000000e0f"},
    part{19983, "908005010500a0800c"},
    part{20479, "06"},
    part{20487,
         "3f0000000700000008000000090000000a0000000b0000000c0000000d0000000e0000000f0000001000000011000000"
         "12000000130000001400000015000000160000001700000018000000190000001a0000001b0000001c0000001d000000"
         "1e0000001f00000020000000210000002200000023000000240000002500000026000000270000002800000029000000"
         "2a0000002b0000002c0000002d0000002e0000002f000000300000003100000032000000330000003400000035000000"
         "360000003700000038000000390000003a0000003b0000003c0000003d0000003e0000003f0000004000000041000000"
         "42000000430000004400000045"},
};

constexpr unsigned value_of(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

} // namespace

std::string pages() {
    std::string result(used_size, '\0');
    for (const auto& [offset, digits] : parts)
        for (std::size_t index = 0; index < digits.size() / 2; ++index)
            result[offset + index] =
                static_cast<char>(value_of(digits[2 * index]) << 4U | value_of(digits[2 * index + 1]));
    return result;
}

outcome<void> write(const descriptor& file) {
    const auto bytes = pages();
    for (std::size_t done = 0; done < bytes.size();) {
        auto written =
            ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && (errno == ENOSPC || errno == EDQUOT))
            return failure(error_code::storage_full, "there is no space left for the journal",
                           "free some space on the disk of the state folder");
        if (written < 0)
            return system_failure(errno, "cannot write the journal");
        done += static_cast<std::size_t>(written);
    }
    return {};
}

} // namespace gestvenv::young_image
