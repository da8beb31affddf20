// One syslog message into fields.
#ifndef VEDETTE_LIB_IO_SYSLOG_SYSLOG_PARSER_H_
#define VEDETTE_LIB_IO_SYSLOG_SYSLOG_PARSER_H_

#include <string_view>

#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"
#include "vedette/json.h"

namespace vedette::inline v0 {

// Keeps its memory between messages. Thread-compatible.
class SyslogParser final : public LineParser {
 public:
  explicit SyslogParser(TextOptions options);

  ParseOutcome Parse(std::string_view message, Event* event) override;

 private:
  // The header; `*rest` is what stands behind it. Broken if there is none.
  ParseOutcome Header(std::string_view* rest);
  // These take their part off `*rest` and add its fields.
  bool Priority(std::string_view* rest);
  bool HeaderOf5424(std::string_view* rest);
  bool StructuredData(std::string_view* rest);
  bool Element(std::string_view* rest);
  bool HeaderOf3164(std::string_view* rest);
  void Program(std::string_view* rest);
  ParseOutcome Body(std::string_view text, ParseOutcome outcome, Event* event);
  // Whether `text`, the part of `message` behind its header, is an object: then it is the event.
  // Else the event is empty, and `*reason` says what is wrong if it should have been one.
  bool JsonBody(std::string_view message, std::string_view text, Event* event, const char** reason);
  // Begins the event of `message`.
  std::string_view Begin(std::string_view message, Event* event);
  char* At(std::string_view part) const { return base_ + (part.data() - base_); }

  TextOptions options_;
  RecordFields fields_;
  ValueArena* arena_ = nullptr;
  char* base_ = nullptr;  // the changeable copy of the message
  EventTime time_ = kNoEventTime;
  JsonParser json_;
};

// Whether `line` looks like a syslog message by its header alone.
bool LooksLikeSyslog(std::string_view line);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_SYSLOG_SYSLOG_PARSER_H_
