// How rules see Windows events of several shapes: flat objects, {"Event": {"System", "EventData"}}
// trees, and Winlogbeat documents.
#ifndef VEDETTE_TESTS_REFERENCE_WINDOWS_EVENTS_H_
#define VEDETTE_TESTS_REFERENCE_WINDOWS_EVENTS_H_

#include <vector>

#include "tests/reference/sigma_oracle.h"

namespace vedette::reference {

// One flat object: event data first, then system fields (attributes joined with `_`), then the
// aliases rules rely on: names without spaces, Image and ParentImage of process creations in the
// Security log, provider and computer names of other collectors. An alias never hides a field.
OracleEvent FlattenWindows(const OracleEvent& event);

// DirectLookup in the flattened event. The returned function remembers the last event it was
// asked about; use one per thread. Keywords still search the event as it came.
FieldLookup WindowsLookup();

// The sources an event belongs to, by channel and event number; empty when it is not a Windows
// (or Sysmon for Linux) event.
std::vector<LogSource> WindowsLogSources(const OracleEvent& event);

// The event without top level members that annotate a test set: names starting with `_`, except
// the two of Zeek's own.
OracleEvent WithoutAnnotations(const OracleEvent& event);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_WINDOWS_EVENTS_H_
