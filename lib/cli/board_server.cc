#include "lib/cli/board_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "lib/board/router.h"

namespace vedette::inline v0::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kThreads = 32;
constexpr int kMostWaiting = 16;  // in long polls: others still get threads
constexpr int64_t kWaitMilliseconds = 20'000;
constexpr int64_t kSliceMilliseconds = 500;
constexpr int kAnswerMilliseconds = 100;                 // at the end
constexpr auto kRequestTime = std::chrono::seconds(10);  // to send a whole request
constexpr int kIdleMilliseconds = 2000;                  // between two requests
constexpr int kIdleSlice = 100;
constexpr int kRequestsPerConnection = 1000;
constexpr size_t kMaxRequestBytes = (size_t{64} << 10) + kMaxBody;

// A connection of which one request can take only so many bytes and so much time: the library reads
// headers without an end, as slowly as they come.
class BoundedStream : public httplib::Stream {
 public:
  explicit BoundedStream(int fd) : fd_(fd) {}

  void BeginRequest() {
    left_ = kMaxRequestBytes;
    deadline_ = Clock::now() + kRequestTime;
  }

  bool is_readable() const override { return Wait(POLLIN); }
  bool is_writable() const override { return Wait(POLLOUT); }

  // A byte at a time is what the library reads headers by.
  ssize_t read(char* to, size_t size) override {
    if (at_ == filled_) {
      if (left_ == 0 || !Wait(POLLIN)) return -1;
      const ssize_t n = recv(fd_, buffer_, std::min(sizeof buffer_, left_), 0);
      if (n <= 0) return n;
      at_ = 0;
      filled_ = static_cast<size_t>(n);
      left_ -= filled_;
    }
    const size_t n = std::min(size, filled_ - at_);
    std::copy_n(buffer_ + at_, n, to);
    at_ += n;
    return static_cast<ssize_t>(n);
  }

  ssize_t write(const char* from, size_t size) override {
    // A response has its own time: the wait for news is over by then.
    deadline_ = std::max(deadline_, Clock::now() + kRequestTime);
    if (!Wait(POLLOUT)) return -1;
    return send(fd_, from, size, MSG_NOSIGNAL);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return fd_; }
  // Bytes of the next request that came with this one.
  bool has_more() const { return at_ < filled_; }

 private:
  bool Wait(short what) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return false;
    pollfd entry = {fd_, what, 0};
    return poll(&entry, 1, static_cast<int>(left)) > 0;
  }

  const int fd_;
  size_t left_ = 0;
  Clock::time_point deadline_;
  char buffer_[4096];
  size_t at_ = 0;
  size_t filled_ = 0;
};

class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(const SharedBoard* board) : board_(board) {}

 private:
  bool WaitForRequest(int fd) const {
    for (int waited = 0; waited < kIdleMilliseconds && !board_->stopped(); waited += kIdleSlice) {
      pollfd entry = {fd, POLLIN, 0};
      if (poll(&entry, 1, kIdleSlice) > 0) return true;
    }
    return false;
  }

  bool process_and_close_socket(socket_t fd) override {
    BoundedStream stream(fd);
    for (int left = kRequestsPerConnection; left > 0; --left) {
      if (!stream.has_more() && !WaitForRequest(fd)) break;
      stream.BeginRequest();
      bool closed = false;
      if (!process_request(stream, left == 1, closed, nullptr) || closed) break;
    }
    shutdown(fd, SHUT_RDWR);
    close(fd);
    return true;
  }

  const SharedBoard* const board_;
};

// Only that a port in TIME_WAIT can be taken again; not that another program may take it, too.
void SocketOptions(socket_t fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

void Fill(const HttpResponse& from, httplib::Response* to) {
  to->status = from.status;
  for (const auto& [name, value] : from.headers) to->set_header(name, value);
  if (from.body.empty()) return;
  // Not set_content: what is nearby need not be compressed.
  to->set_content_provider(from.body.size(), from.type,
                           [body = from.body](size_t at, size_t size, httplib::DataSink& sink) {
                             return sink.write(body.data() + at, size);
                           });
}

}  // namespace

void SharedBoard::TellOfChange() {
  if (board_->version() == std::exchange(told_, board_->version())) return;
  changed_.notify_all();
}

void SharedBoard::WithForEvents(const std::function<void(Board*)>& use) {
  // A mutex is not fair: without this, who reads events would hardly ever let go of it.
  for (int i = 0; i < 20 && asking_ > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  const std::lock_guard<std::mutex> hold(mutex_);
  use(board_);
  TellOfChange();
}

void SharedBoard::With(const std::function<void(Board*)>& use) {
  ++asking_;
  const std::lock_guard<std::mutex> hold(mutex_);
  --asking_;
  use(board_);
  TellOfChange();
}

void SharedBoard::WaitForChange(uint64_t seen, int64_t milliseconds) {
  std::unique_lock<std::mutex> hold(mutex_);
  changed_.wait_for(hold, std::chrono::milliseconds(milliseconds),
                    [&] { return stopped_ || board_->version() != seen; });
}

void SharedBoard::Stop() {
  const std::lock_guard<std::mutex> hold(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

struct BoardServer::Impl {
  Impl(SharedBoard* shared_board, BoardServerOptions with)
      : shared(shared_board), options(std::move(with)), server(shared_board) {}

  HttpResponse Handle(const httplib::Request& in);

  SharedBoard* const shared;
  const BoardServerOptions options;
  HttpServer server;
  int port = 0;
  std::unique_ptr<Router> router;
  std::atomic<int> waiting = 0;
};

HttpResponse BoardServer::Impl::Handle(const httplib::Request& in) {
  HttpRequest request;
  request.method = in.method;
  request.target = in.target;
  request.body = in.body;
  for (const auto& [name, value] : in.headers) {
    // What the library adds about the connection is no part of the request.
    if (name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" ||
        name == "LOCAL_PORT") {
      continue;
    }
    request.headers.emplace_back(name, value);
  }
  HttpResponse response;
  const auto ask = [&] {
    request.now = absl::ToUnixNanos(absl::Now());
    shared->With([&](Board*) { response = router->Handle(request); });
  };
  ask();
  if (!response.unchanged_since.has_value()) return response;
  if (++waiting <= kMostWaiting) {
    for (int64_t waited = 0;
         waited < kWaitMilliseconds && response.unchanged_since.has_value() && !shared->stopped();
         waited += kSliceMilliseconds) {
      shared->WaitForChange(*response.unchanged_since, kSliceMilliseconds);
      // Who has been logged out meanwhile learns nothing more.
      ask();
    }
  }
  --waiting;
  return response;
}

BoardServer::BoardServer(SharedBoard* board, BoardServerOptions options)
    : impl_(std::make_unique<Impl>(board, std::move(options))) {}

BoardServer::~BoardServer() = default;

absl::StatusOr<int> BoardServer::Bind() {
  Impl& impl = *impl_;
  impl.server.set_socket_options(SocketOptions);
  impl.server.set_tcp_nodelay(true);
  impl.server.set_payload_max_length(kMaxBody);
  impl.server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  impl.port = impl.options.port;
  const bool bound = impl.port == 0
                         ? (impl.port = impl.server.bind_to_any_port(impl.options.address)) > 0
                         : impl.server.bind_to_port(impl.options.address, impl.port);
  if (bound) return impl.port;
  const std::string where = impl.options.address + ":" + std::to_string(impl.options.port);
  return absl::UnavailableError(
      ("cannot listen at " + where + "; is the port taken, or the address not of this machine?")
          .c_str());
}

void BoardServer::Run(Board* board, GateOptions gate) {
  Impl& impl = *impl_;
  const std::string port = ":" + std::to_string(impl.port);
  const std::string& address = impl.options.address;
  gate.hosts = impl.options.names;
  for (const std::string& name :
       {std::string("127.0.0.1"), std::string("localhost"), std::string("[::1]"),
        address.find(':') == std::string::npos ? address : "[" + address + "]"}) {
    gate.hosts.push_back(name + port);
  }
  gate.cookie += "_" + std::to_string(impl.port);
  impl.router = std::make_unique<Router>(board, std::move(gate));
  using Server = httplib::Server;
  // All but requests with a body, which is not read yet here. No route of the library's is used for
  // them: it would match paths by regular expressions.
  impl.server.set_pre_routing_handler([&impl](const httplib::Request& in, httplib::Response& out) {
    if (in.method == "POST") return Server::HandlerResponse::Unhandled;
    Fill(in.has_header("Range") ? ErrorResponse(416, "no_ranges", "ranges are not understood")
                                : impl.Handle(in),
         &out);
    return Server::HandlerResponse::Handled;
  });
  impl.server.Post(R"([^]*)", [&impl](const httplib::Request& in, httplib::Response& out) {
    Fill(impl.Handle(in), &out);
  });
  // What the library refuses by itself: bodies that are too large, lines that are no request.
  impl.server.set_error_handler([](const httplib::Request&, httplib::Response& out) {
    if (!out.body.empty() || out.content_length_ > 0 || out.content_provider_) return;
    Fill(ErrorResponse(out.status, "bad_request", "the request was not understood"), &out);
  });
  impl.server.set_exception_handler(
      [](const httplib::Request&, httplib::Response& out, const std::exception_ptr&) {
        Fill(ErrorResponse(500, "failed", "the request failed"), &out);
      });
  impl.server.listen_after_bind();
}

void BoardServer::Stop() {
  impl_->shared->Stop();
  // Who waits for news is answered before the library cuts connections.
  poll(nullptr, 0, kAnswerMilliseconds);
  impl_->server.stop();
}

}  // namespace vedette::inline v0::cli
