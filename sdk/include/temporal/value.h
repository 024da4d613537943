// Value: one argument or result with its type erased: the C++ object, or a payload not yet decoded.
#pragma once
#include <typeinfo>

#include "temporal/json.h"

namespace temporal {

class Value {
 public:
  Value() : Value(Payload{"binary/null", ""}) {}
  explicit Value(Payload p) : payload_(std::move(p)) {}
  template <class T>
  static Value of(T v) {
    return Value(std::make_shared<Object<T>>(std::move(v)));
  }
  // A Future's result need not be data: it never leaves the run, so no Json<T> is asked for.
  template <class T>
  static Value local(T v) {
    if constexpr (std::is_same_v<T, Value>)
      return v;
    else
      return Value(std::make_shared<Local<T>>(std::move(v)));
  }
  template <class T>
  static Value decoded(const Value& v) {
    if constexpr (std::is_void_v<T> || std::is_same_v<T, Value>)
      return v;
    else
      return v.object_ ? v : of<T>(v.decode<T>());
  }

  template <class T>
  T as() const& {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return object_ ? T(get<T>()) : decode<T>();
  }
  template <class T>
  T object() const& {  // no decoding, so no Json<T> is asked for
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
  Payload payload() const { return object_ ? object_->encode() : payload_; }

 private:
  struct Model {
    virtual ~Model() = default;
    virtual const std::type_info& type() const = 0;
    virtual void* get() = 0;
    virtual Payload encode() const = 0;
  };
  template <class T>
  struct Local : Model {
    explicit Local(T v) : value(std::move(v)) {}
    const std::type_info& type() const override { return typeid(T); }
    void* get() override { return &value; }
    Payload encode() const override { throw std::logic_error("a local value has no payload"); }
    T value;
  };
  template <class T>
  struct Object final : Local<T> {
    using Local<T>::Local;
    Payload encode() const override { return {"json/plain", to_json(this->value)}; }
  };
  explicit Value(std::shared_ptr<Model> o) : object_(std::move(o)) {}
  template <class T>
  T& get() const {
    if (!object_ || object_->type() != typeid(T))
      throw ConversionError(std::string("Value holds ") +
                            (object_ ? object_->type().name() : "a payload") + ", asked for " +
                            std::string(detail::type_name<T>()));
    return *static_cast<T*>(object_->get());
  }
  template <class T>
  T decode() const {
    if (payload_.encoding != "json/plain") throw ConversionError("no JSON: " + payload_.encoding);
    return from_json<T>(payload_.data);
  }
  std::shared_ptr<Model> object_;
  Payload payload_;
};

}  // namespace temporal
