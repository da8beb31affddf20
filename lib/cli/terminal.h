// Where the command writes: standard output or a file, standard error, and what the terminal can.
#ifndef VEDETTE_LIB_CLI_TERMINAL_H_
#define VEDETTE_LIB_CLI_TERMINAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vedette::inline v0::cli {

// A buffered stream of bytes to a file descriptor, or to memory for tests. Thread-compatible.
class Output {
 public:
  // Does not own `fd`.
  explicit Output(int fd);
  // Keeps everything in memory, see text().
  Output() : fd_(-1) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(std::string_view text);
  // On a terminal or after set_line_flush, each WriteLine is seen at once.
  void WriteLine(std::string_view line);
  void Flush();
  void set_line_flush(bool on) { line_flush_ = on; }
  // Sends everything to a new file from now on; closed by the destructor.
  absl::Status Redirect(const std::string& path);

  bool is_terminal() const { return is_terminal_; }
  // The reader went away (a closed pipe): nothing more need be written, and it is no error.
  bool closed() const { return closed_; }
  // Any other failure to write, as "write error: No space left on device".
  const std::string& error() const { return error_; }
  const std::string& text() const { return buffer_; }

 private:
  int fd_;
  bool owned_ = false;
  bool is_terminal_ = false;
  bool line_flush_ = false;
  bool closed_ = false;
  std::string error_;
  std::string buffer_;
};

// The two streams of a command. `out` carries results and nothing else.
struct Console {
  Output* out;
  Output* err;
  bool color_out = false;
  bool color_err = false;
  size_t width = 100;  // cells of a line

  // "vedette: message" on the error stream.
  void Error(std::string_view message);
};

// `mode` is auto, always or never. auto: a terminal, no NO_COLOR, and TERM is not "dumb".
bool WantsColor(std::string_view mode, const Output& output);
// Cells of the terminal's lines, or of COLUMNS, or 100.
size_t TerminalWidth(const Output& output);

// Colours; each is "" when `on` is false.
struct Paint {
  explicit Paint(bool on) : on(on) {}
  std::string_view Bold() const { return on ? "\x1b[1m" : ""; }
  std::string_view Dim() const { return on ? "\x1b[2m" : ""; }
  std::string_view Red() const { return on ? "\x1b[31m" : ""; }
  std::string_view Green() const { return on ? "\x1b[32m" : ""; }
  std::string_view Yellow() const { return on ? "\x1b[33m" : ""; }
  std::string_view Off() const { return on ? "\x1b[0m" : ""; }
  bool on;
};

// Makes the first interrupt (Ctrl-C) set a flag and the second end the process; ignores SIGPIPE, so
// that a closed pipe is an error of write().
void InstallSignalHandlers();
bool Interrupted();

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_TERMINAL_H_
