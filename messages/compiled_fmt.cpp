// SPDX-License-Identifier: MIT
// What fmt's headers declare and its library defines, compiled once, here. Header-only fmt compiles all of it
// again in every source that formats (2 s each), and the distribution's library is a shared one only, which
// neither a static launcher nor a host with an fmt of its own can take.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template auto dragonbox::to_decimal(float value) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double value) noexcept -> dragonbox::decimal_fp<double>;
template auto thousands_sep_impl<char>(locale_ref locale) -> thousands_sep_result<char>;
template auto decimal_point_impl<char>(locale_ref locale) -> char;
template void buffer<char>::append<char>(const char* begin, const char* end);
#if FMT_VERSION >= 100000 && FMT_VERSION < 110000
template void vformat_to<char>(buffer<char>& out, string_view text, vformat_args<>::type arguments,
                               locale_ref locale);
#endif

} // namespace detail
FMT_END_NAMESPACE
