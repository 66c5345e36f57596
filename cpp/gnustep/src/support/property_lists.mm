#import "support/property_lists.hpp"

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#import "support/descriptors.hpp"

namespace mpsnn::gnustep {

namespace {

template <class Struct>
concept Saved = requires {
  Struct::fields([](const char *, auto) {});
};

// Structs are dictionaries by member name, lists arrays, alternatives arrays of index and value; a missing value is an empty
// array.

template <class T>
id encoded(const T &value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return ns_string(value);
  } else if constexpr (std::is_same_v<T, std::vector<float>>) {
    return [NSData dataWithBytes:value.data() length:value.size() * sizeof(float)];
  } else if constexpr (std::is_same_v<T, double>) {
    return [NSNumber numberWithDouble:value];
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return [NSNumber numberWithLongLong:(long long)value];
  } else if constexpr (Saved<T>) {
    NSMutableDictionary *members = [NSMutableDictionary dictionary];
    T::fields([&](const char *name, auto member) { [members setObject:encoded(value.*member) forKey:ns_string(name)]; });
    return members;
  } else if constexpr (requires { value.has_value(); }) {
    return value ? [NSArray arrayWithObject:encoded(*value)] : [NSArray array];
  } else if constexpr (requires { value.index(); }) {
    return [NSArray arrayWithObjects:[NSNumber numberWithLongLong:(long long)value.index()],
                                     std::visit([](const auto &chosen) { return encoded(chosen); }, value), nil];
  } else if constexpr (requires { typename T::mapped_type; }) {
    NSMutableDictionary *entries = [NSMutableDictionary dictionary];
    for (const auto &[key, entry] : value) [entries setObject:encoded(entry) forKey:ns_string(key)];
    return entries;
  } else {
    return array_of(value, [](const auto &item) { return encoded(item); });
  }
}

template <class ObjCClass>
ObjCClass *checked(id object, NSString *what) {
  if ([object isKindOfClass:[ObjCClass class]]) return object;
  throw InvalidArgument("the archive is damaged: " + string_of(what) + " is not what it must be");
}

template <class T>
void decode(id object, T &value, NSString *what);

template <class... Alternative>
void decode_alternative(NSArray *object, std::variant<Alternative...> &value, NSString *what) {
  const auto index = [checked<NSNumber>([object objectAtIndex:0], what) longLongValue];
  long long i = 0;
  const auto read = [&]<class T>(T chosen) {
    if (i++ != index) return;
    decode([object objectAtIndex:1], chosen, what);
    value = std::move(chosen);
  };
  (read(Alternative()), ...);
}

template <class T>
void decode(id object, T &value, NSString *what) {
  if constexpr (std::is_same_v<T, std::string>) {
    value = string_of(checked<NSString>(object, what));
  } else if constexpr (std::is_same_v<T, std::vector<float>>) {
    value = floats_of(checked<NSData>(object, what));
  } else if constexpr (std::is_same_v<T, double>) {
    value = [checked<NSNumber>(object, what) doubleValue];
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    value = T([checked<NSNumber>(object, what) longLongValue]);
  } else if constexpr (Saved<T>) {
    NSDictionary *members = checked<NSDictionary>(object, what);
    T::fields(
        [&](const char *name, auto member) { decode([members objectForKey:ns_string(name)], value.*member, ns_string(name)); });
  } else if constexpr (requires { value.has_value(); }) {
    if ([checked<NSArray>(object, what) count] == 0) return;
    decode([object objectAtIndex:0], value.emplace(), what);
  } else if constexpr (requires { value.index(); }) {
    if ([checked<NSArray>(object, what) count] != 2) checked<NSArray>(nil, what);
    decode_alternative(object, value, what);
  } else if constexpr (requires { typename T::mapped_type; }) {
    NSDictionary *entries = checked<NSDictionary>(object, what);
    for (NSString *key in entries) decode([entries objectForKey:key], value[string_of(key)], key);
  } else {
    for (id item in checked<NSArray>(object, what)) decode(item, value.emplace_back(), what);
  }
}

}  // namespace

template <class Saved>
NSDictionary *property_list_of(const Saved &saved) {
  return encoded(saved);
}

template <class Saved>
Saved saved_of(id property_list) {
  Saved saved;
  decode(property_list, saved, @"the whole of it");
  return saved;
}

template NSDictionary *property_list_of(const SavedGraph &);
template NSDictionary *property_list_of(const SavedSource &);
template NSDictionary *property_list_of(const SavedOptimizer &);
template NSDictionary *property_list_of(const SavedAttributes &);
template SavedGraph saved_of(id);
template SavedSource saved_of(id);
template SavedOptimizer saved_of(id);
template SavedAttributes saved_of(id);

}  // namespace mpsnn::gnustep
