#include "binding/arguments.h"

namespace vswitch {
namespace {

[[noreturn]] void wrong_type(Napi::Env env, const char* name, const char* wanted) {
  throw Napi::TypeError::New(env, std::string(name) + " must be " + wanted);
}

uint32_t checked(const Napi::Value& value, const char* name, uint32_t min, uint32_t max) {
  if (!value.IsNumber()) wrong_type(value.Env(), name, "a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= min && number <= max) || number != static_cast<double>(static_cast<uint32_t>(number))) {
    throw Napi::RangeError::New(
        value.Env(), std::string(name) + " must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return static_cast<uint32_t>(number);
}

Napi::Array array(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) wrong_type(object.Env(), name, "an array");
  return value.As<Napi::Array>();
}

bool is_bytes(const Napi::Value& value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

std::span<const uint8_t> bytes_of(const Napi::Value& value) {
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ElementLength()};
}

template <typename TypedArray>
TypedArray typed_array(const Napi::CallbackInfo& info, size_t index, const char* name, napi_typedarray_type type,
                       const char* wanted) {
  const Napi::Value value = info[index];
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) wrong_type(info.Env(), name, wanted);
  return value.As<TypedArray>();
}

}  // namespace

Napi::Object object_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsObject()) wrong_type(info.Env(), name, "an object");
  return info[index].As<Napi::Object>();
}

bool flag_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsBoolean()) wrong_type(info.Env(), name, "a boolean");
  return info[index].As<Napi::Boolean>();
}

uint32_t number_argument(const Napi::CallbackInfo& info, size_t index, const char* name, uint32_t min, uint32_t max) {
  return checked(info[index], name, min, max);
}

std::span<const uint8_t> bytes_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!is_bytes(info[index])) wrong_type(info.Env(), name, "a Uint8Array");
  return bytes_of(info[index]);
}

std::vector<std::span<const uint8_t>> byte_arrays_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsArray()) wrong_type(info.Env(), name, "an array");
  const auto values = info[index].As<Napi::Array>();
  std::vector<std::span<const uint8_t>> result;
  for (uint32_t i = 0; i < values.Length(); ++i) {
    const Napi::Value value = values.Get(i);
    if (!is_bytes(value)) wrong_type(info.Env(), name, "an array of Uint8Arrays");
    result.push_back(bytes_of(value));
  }
  return result;
}

std::span<const uint32_t> ids_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  auto ids = typed_array<Napi::Uint32Array>(info, index, name, napi_uint32_array, "a Uint32Array");
  return {ids.Data(), ids.ElementLength()};
}

std::span<uint64_t> words_argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  auto words = typed_array<Napi::BigUint64Array>(info, index, name, napi_biguint64_array, "a BigUint64Array");
  return {words.Data(), words.ElementLength()};
}

std::string string(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) wrong_type(object.Env(), name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

uint32_t number(const Napi::Object& object, const char* name, uint32_t min, uint32_t max) {
  return checked(object.Get(name), name, min, max);
}

bool flag(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean()) wrong_type(object.Env(), name, "a boolean");
  return value.As<Napi::Boolean>();
}

Napi::Object object(const Napi::Object& holder, const char* name) {
  const Napi::Value value = holder.Get(name);
  if (!value.IsObject()) wrong_type(holder.Env(), name, "an object");
  return value.As<Napi::Object>();
}

std::span<const uint8_t> bytes(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!is_bytes(value)) wrong_type(object.Env(), name, "a Uint8Array");
  return bytes_of(value);
}

std::vector<std::string> string_array(const Napi::Object& object, const char* name) {
  const Napi::Array values = array(object, name);
  std::vector<std::string> result;
  for (uint32_t i = 0; i < values.Length(); ++i) {
    const Napi::Value value = values.Get(i);
    if (!value.IsString()) wrong_type(object.Env(), name, "an array of strings");
    result.push_back(value.As<Napi::String>().Utf8Value());
  }
  return result;
}

std::vector<uint32_t> u32_array(const Napi::Object& object, const char* name) {
  const Napi::Array values = array(object, name);
  std::vector<uint32_t> result;
  for (uint32_t i = 0; i < values.Length(); ++i) result.push_back(checked(values.Get(i), name, 0, UINT32_MAX));
  return result;
}

std::span<const uint32_t> u32s(const Napi::Object& object, const char* name, size_t count) {
  const Napi::Value value = object.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array)
    wrong_type(object.Env(), name, "a Uint32Array");
  const auto array = value.As<Napi::Uint32Array>();
  if (array.ElementLength() != count)
    throw Napi::RangeError::New(object.Env(), std::string(name) + " must hold " + std::to_string(count) + " numbers");
  return {array.Data(), array.ElementLength()};
}

Napi::Array strings(Napi::Env env, const std::vector<std::string>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); ++i) array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

}  // namespace vswitch
