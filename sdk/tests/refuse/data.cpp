//! refused: more than 32 members
struct M33 {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2,
      c3, c4, c5, c6, c7, c8, c9, d0, d1, d2;
};
auto text = temporal::to_json(std::vector<M33>());

//! refused: specialise temporal::Json<T> for it
class NoAggregate {
 public:
  explicit NoAggregate(int);

 private:
  int x_ = 0;
};
auto text = temporal::to_json(NoAggregate(1));

//! refused: only an enum class has names
enum Old { first, second };
struct HasOld {
  Old old = first;
};
auto text = temporal::to_json(HasOld{});

//! refused: T has a base class
struct Base {
  int a = 0;
};
struct Derived : Base {
  int b = 0;
};
auto text = temporal::to_json(Derived{});

//! refused: T has a C array
struct HasArray {
  int a[2] = {};
};
auto text = temporal::to_json(HasArray{});

//! refused: a character is no JSON
struct HasChar {
  char a = 0;
};
auto text = temporal::to_json(HasChar{});

//! refused: call to deleted member function 'start'
void run() {
  remote().start([](auto) {});
}

//! compiles
struct Plain {
  int a = 0;
  std::vector<std::string> b = {};
};
auto text = temporal::to_json(Plain{});
