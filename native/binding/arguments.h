// Arguments from JavaScript, re-checked for memory's sake: each reader throws a TypeError or RangeError that names the argument.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vswitch {

Napi::Object object_argument(const Napi::CallbackInfo& info, size_t index, const char* name);
bool flag_argument(const Napi::CallbackInfo& info, size_t index, const char* name);
uint32_t number_argument(const Napi::CallbackInfo& info, size_t index, const char* name, uint32_t min, uint32_t max);
std::span<const uint8_t> bytes_argument(const Napi::CallbackInfo& info, size_t index, const char* name);
std::vector<std::span<const uint8_t>> byte_arrays_argument(const Napi::CallbackInfo& info, size_t index, const char* name);
std::span<const uint32_t> ids_argument(const Napi::CallbackInfo& info, size_t index, const char* name);
std::span<uint64_t> words_argument(const Napi::CallbackInfo& info, size_t index, const char* name);

std::string string(const Napi::Object& object, const char* name);
uint32_t number(const Napi::Object& object, const char* name, uint32_t min, uint32_t max);
bool flag(const Napi::Object& object, const char* name);
Napi::Object object(const Napi::Object& holder, const char* name);
std::span<const uint8_t> bytes(const Napi::Object& object, const char* name);
std::vector<std::string> string_array(const Napi::Object& object, const char* name);
std::vector<uint32_t> u32_array(const Napi::Object& object, const char* name);
// Of a Uint32Array of exactly so many.
std::span<const uint32_t> u32s(const Napi::Object& object, const char* name, size_t count);

Napi::Array strings(Napi::Env env, const std::vector<std::string>& values);

}  // namespace vswitch
