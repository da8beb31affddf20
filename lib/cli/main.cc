#include <unistd.h>

#include <string>
#include <vector>

#include "lib/cli/commands.h"
#include "lib/cli/terminal.h"

int main(int argc, char** argv) {
  vedette::cli::InstallSignalHandlers();
  vedette::cli::Output out(STDOUT_FILENO);
  vedette::cli::Output err(STDERR_FILENO);
  err.set_line_flush(true);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return vedette::cli::RunCommandLine(arguments, &out, &err);
}
