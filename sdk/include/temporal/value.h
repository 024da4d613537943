// Value: an argument or result with its type erased. It is a C++ object that has yet to become a
// payload, a payload that has yet to become an object, or nothing (what void gives).
//
//   Value v = Value::of(Charged{"p-1"});
//   v.as<Charged>();                        // the object, as it is
//
// Users meet it in interceptors, memos and details of failures. Copying one is cheap: copies share
// what they hold. Reading from several threads is safe.
//
// ObjectView and ObjectSlot are what a PayloadConverter (temporal/converter.h) sees of an object.
#pragma once
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "temporal/json.h"
#include "temporal/payload.h"

namespace google::protobuf {
class Message;
}

namespace temporal {

class PayloadConverter;
struct SerializationContext;

// An object to be converted. Lives as long as the call it is given to.
class ObjectView {
 public:
  virtual const std::type_info& type() const = 0;  // std::optional's own content, void for nothing
  // Appends the object as JSON. Throws ConversionError.
  virtual void write_json(std::string& out) const = 0;
  // The object where it is a protobuf message, else null.
  virtual const google::protobuf::Message* message() const = 0;

  bool is_nothing() const { return type() == typeid(void); }  // void, or an empty optional
  template <class T>
  const T* get_if() const {
    return type() == typeid(T) ? static_cast<const T*>(address()) : nullptr;
  }

 protected:
  ~ObjectView() = default;
  virtual const void* address() const = 0;
};

// Where a converted object is put.
class ObjectSlot {
 public:
  virtual const std::type_info& type() const = 0;  // std::optional's own content
  virtual std::string_view type_name() const = 0;  // for messages
  virtual void read_json(std::string_view text) = 0;
  // A new message to be filled in where the type is a protobuf message, else null.
  virtual google::protobuf::Message* message() = 0;
  // Leaves it empty. Throws ConversionError unless the type asked for is an optional or void.
  virtual void set_nothing() = 0;

  template <class T>
  bool put(T value) {  // false: T is not the type asked for
    if (type() != typeid(T)) return false;
    move_in(&value);
    return true;
  }

 protected:
  ~ObjectSlot() = default;
  virtual void move_in(void* value) = 0;
};

namespace detail {

template <class T>
inline constexpr bool is_message = false;
template <class T>
  requires std::is_class_v<T>
inline constexpr bool is_message<T> = std::is_base_of_v<google::protobuf::Message, T>;

// Only RawValue and Bytes need no Json<T>.
template <class T>
inline constexpr bool is_json = !is_message<T> && !std::is_same_v<T, Bytes>;

class NothingView final : public ObjectView {
 public:
  const std::type_info& type() const override { return typeid(void); }
  void write_json(std::string& out) const override { out += "null"; }
  const google::protobuf::Message* message() const override { return nullptr; }

 private:
  const void* address() const override { return nullptr; }
};

template <class T>
class ViewOf final : public ObjectView {
 public:
  explicit ViewOf(const T& value) : value_(value) {}
  const std::type_info& type() const override { return typeid(T); }
  void write_json(std::string& out) const override {
    if constexpr (is_message<T>)
      throw ConversionError(std::string(type_name<T>()) + " is a protobuf message, no plain JSON");
    else
      detail::write_json(
          out, [](JsonOut o, const void* p) { Json<T>::write(o, *static_cast<const T*>(p)); },
          &value_);
  }
  const google::protobuf::Message* message() const override {
    if constexpr (is_message<T>)
      return &value_;
    else
      return nullptr;
  }

 private:
  const void* address() const override { return &value_; }
  const T& value_;
};

[[noreturn]] void fail_nothing(std::string_view type);

template <class T>
class SlotOf final : public ObjectSlot {
 public:
  explicit SlotOf(bool optional) : optional_(optional) {}
  const std::type_info& type() const override { return typeid(T); }
  std::string_view type_name() const override { return detail::type_name<T>(); }
  void read_json(std::string_view text) override {
    if constexpr (is_message<T>)
      throw ConversionError("plain JSON is no protobuf message " + std::string(type_name()));
    else
      detail::read_json(
          text,
          [](const JsonIn& in, void* p) {
            auto& self = *static_cast<SlotOf*>(p);
            if (self.optional_ && in.is_null()) return;
            self.value.emplace(Json<T>::read(in));
          },
          this);
  }
  google::protobuf::Message* message() override {
    if constexpr (is_message<T>)
      return &value.emplace();
    else
      return nullptr;
  }
  void set_nothing() override {
    if (!optional_) fail_nothing(type_name());
  }
  std::optional<T> value;

 private:
  void move_in(void* v) override { value.emplace(std::move(*static_cast<T*>(v))); }
  bool optional_;
};

const PayloadConverter& standard_chain();
Payload to_payload(const ObjectView& view, const PayloadConverter* converter,
                   const SerializationContext& context);

struct Encoded {  // a payload not yet decoded, with what will decode it
  Payload payload;
  std::shared_ptr<const PayloadConverter> converter;    // null: the standard chain
  std::shared_ptr<const SerializationContext> context;  // null: an empty one
  void decode(ObjectSlot& slot) const;
};
const Encoded& nothing();  // binary/null

template <class T>
T decode(const Encoded& from) {
  if constexpr (std::is_same_v<T, RawValue>) {
    return RawValue{from.payload};
  } else if constexpr (is_optional<T>) {
    SlotOf<typename T::value_type> slot(true);
    from.decode(slot);
    return std::move(slot.value);
  } else {
    SlotOf<T> slot(false);
    from.decode(slot);
    if (!slot.value) throw ConversionError("the converter gave no " + std::string(type_name<T>()));
    return std::move(*slot.value);
  }
}

template <class T>
Payload encode(const T& value, const PayloadConverter* converter,
               const SerializationContext& context) {
  if constexpr (std::is_same_v<T, RawValue>)
    return value.payload;
  else if constexpr (is_optional<T>)
    return value ? encode(*value, converter, context)
                 : to_payload(NothingView(), converter, context);
  else
    return to_payload(ViewOf<T>(value), converter, context);
}

}  // namespace detail

class Value {
 public:
  Value() = default;  // nothing
  // The payload as it came; as<T>() will decode it. Converter null: the standard chain.
  explicit Value(Payload payload, std::shared_ptr<const PayloadConverter> converter = nullptr,
                 std::shared_ptr<const SerializationContext> context = nullptr)
      : encoded_(std::make_shared<detail::Encoded>(std::move(payload), std::move(converter),
                                                   std::move(context))) {}

  // Text of any kind is kept as a std::string.
  template <class T>
  static Value of(T v) {
    if constexpr (std::is_same_v<T, Value>)
      return v;
    else if constexpr (std::is_convertible_v<T, std::string_view> && !std::is_class_v<T>)
      return Value(std::make_shared<Object<std::string>>(std::string(v)));
    else if constexpr (std::is_same_v<T, std::string_view>)
      return Value(std::make_shared<Object<std::string>>(std::string(v)));
    else
      return Value(std::make_shared<Object<T>>(std::move(v)));
  }
  // For what never leaves the run, as a Future's result: it need not be data, no Json<T> is asked
  // for.
  template <class T>
  static Value local(T v) {
    if constexpr (std::is_same_v<T, Value>)
      return v;
    else
      return Value(std::make_shared<Local<T>>(std::move(v)));
  }
  // v with its object made, where it is still a payload.
  template <class T>
  static Value decoded(const Value& v) {
    if constexpr (std::is_void_v<T> || std::is_same_v<T, Value>)
      return v;
    else
      return v.object_ ? v : of<T>(v.decode<T>());
  }

  // A copy of the object, or what the payload decodes to. Throws ConversionError where neither is a
  // T.
  template <class T>
  T as() const {
    if constexpr (std::is_void_v<T>)
      return;
    else if constexpr (std::is_same_v<T, Value>)
      return *this;
    else
      return object_ ? T(get<T>()) : decode<T>();
  }
  // No decoding, so no Json<T> is asked for.
  template <class T>
  T object() const& {
    if constexpr (std::is_void_v<T>)
      return;
    else if constexpr (std::is_same_v<T, Value>)
      return *this;
    else
      return T(get<T>());
  }
  template <class T>
  T object() && {  // moves out when nobody shares the object
    if constexpr (std::is_void_v<T>)
      return;
    else if constexpr (std::is_same_v<T, Value>)
      return std::move(*this);
    else if constexpr (std::is_copy_constructible_v<T>)
      return object_.use_count() == 1 ? T(std::move(get<T>())) : T(get<T>());
    else
      return T(std::move(get<T>()));
  }

  bool is_nothing() const { return !object_ && !encoded_; }
  // The payload it came as, or null where it is an object or nothing.
  const Payload* undecoded() const { return encoded_ ? &encoded_->payload : nullptr; }
  // What DataConverter::to_payload calls, without a codec. Converter null: the standard chain.
  Payload to_payload(const PayloadConverter* converter, const SerializationContext& context) const;

 private:
  struct Model {
    virtual ~Model() = default;
    virtual const std::type_info& type() const = 0;
    virtual void* get() = 0;
    virtual Payload encode(const PayloadConverter*, const SerializationContext&) const = 0;
  };
  template <class T>
  struct Local : Model {
    explicit Local(T v) : value(std::move(v)) {}
    const std::type_info& type() const override { return typeid(T); }
    void* get() override { return &value; }
    Payload encode(const PayloadConverter*, const SerializationContext&) const override {
      throw std::logic_error("temporal: a local value has no payload");
    }
    T value;
  };
  template <class T>
  struct Object final : Local<T> {
    using Local<T>::Local;
    Payload encode(const PayloadConverter* converter,
                   const SerializationContext& context) const override {
      return detail::encode(this->value, converter, context);
    }
  };
  explicit Value(std::shared_ptr<Model> o) : object_(std::move(o)) {}
  template <class T>
  T& get() const {
    if (!object_ || object_->type() != typeid(T)) fail_type(detail::type_name<T>());
    return *static_cast<T*>(object_->get());
  }
  template <class T>
  T decode() const {
    return detail::decode<T>(encoded_ ? *encoded_ : detail::nothing());
  }
  [[noreturn]] void fail_type(std::string_view wanted) const;

  std::shared_ptr<Model> object_;
  std::shared_ptr<const detail::Encoded> encoded_;
};

using Values = std::vector<Value>;

}  // namespace temporal
