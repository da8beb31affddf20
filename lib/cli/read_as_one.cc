#include "lib/cli/read_as_one.h"

#include <memory>
#include <utility>

#include "lib/cli/load.h"
#include "lib/cli/merge.h"
#include "lib/cli/terminal.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {

absl::Status ReadAsOne(const std::vector<std::string>& files, const EventOptions& options,
                       const ReadTold& told,
                       const std::function<absl::Status(Event* event)>& visit) {
  std::vector<std::unique_ptr<EventReader>> readers;
  std::vector<std::string> names;
  const auto unreadable = [&told](const std::string& file, const absl::Status& status) {
    const std::string message = MessageOf(status);
    const bool names_it = message.find(file) != std::string::npos;
    told.unreadable(Clean(names_it ? message : file + ": " + message));
  };
  for (const std::string& file : files) {
    auto reader = OpenEvents(file, options);
    if (!reader.ok()) {
      unreadable(file, reader.status());
      continue;
    }
    readers.push_back(*std::move(reader));
    names.push_back(file);
  }
  MergedReader merged(std::move(readers), [&](size_t i, const absl::Status& status) {
    if (!Interrupted()) unreadable(names[i], status);
  });
  Event event;
  while (!Interrupted() && merged.Next(&event)) {
    if (absl::Status s = visit(&event); !s.ok()) return s;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const ReadStats& stats = merged.reader(i).stats();
    if (stats.broken + stats.oversized == 0) continue;
    told.skipped(Clean(names[i]) + ": " + Count(stats.broken + stats.oversized, "record") +
                 " skipped, no valid events");
  }
  return absl::OkStatus();
}

}  // namespace vedette::inline v0::cli
