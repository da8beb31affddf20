// Vedette from Go, by its C interface: rules compiled, events of Go's own read field by field,
// detections and alerts as Go values. Build it with
//
//	PKG_CONFIG_PATH=PREFIX/lib/pkgconfig go build
package main

/*
#cgo pkg-config: vedette-c
#include <stdlib.h>
#include "vedette/c/vedette.h"

// Go functions that C may call; cgo makes their declarations.
int32_t goOnDetection(vedette_detection*, uintptr_t);
int32_t goOnAlert(vedette_alert*, uintptr_t);
int32_t goBind(char*, size_t);
void goGet(uintptr_t, int32_t, vedette_arena*, vedette_value*);

// The C types have const, which cgo's do not.
static int32_t onDetection(const vedette_detection* d, void* user) {
	return goOnDetection((vedette_detection*)d, (uintptr_t)user);
}
static int32_t onAlert(const vedette_alert* a, void* user) {
	return goOnAlert((vedette_alert*)a, (uintptr_t)user);
}
static int32_t bind(const char* field, size_t size, void* user) {
	(void)user;
	return goBind((char*)field, size);
}
static void get(const void* event, const char* field, size_t size, int32_t binding,
                vedette_arena* arena, vedette_value* value, void* user) {
	(void)field;
	(void)size;
	(void)user;
	goGet((uintptr_t)event, binding, arena, value);
}
static vedette_status newProcessor(vedette_engine* engine, uintptr_t user, vedette_processor** out,
                                   vedette_error** error) {
	return vedette_processor_new(engine, NULL, onDetection, (void*)user, out, error);
}
static vedette_status newTriage(uintptr_t user, vedette_triage** out, vedette_error** error) {
	vedette_alert_policy policy;
	vedette_triage_options options;
	vedette_alert_policy_init(&policy, sizeof policy);
	policy.on_close = VEDETTE_ON_CLOSE_RESTART;
	vedette_triage_options_init(&options, sizeof options);
	options.policy = &policy;
	options.on_alert = onAlert;
	options.user = (void*)user;
	return vedette_triage_new(&options, out, error);
}
static vedette_status newAdapter(vedette_adapter** out, vedette_error** error) {
	vedette_adapter_options options;
	vedette_adapter_options_init(&options, sizeof options);
	options.bind = bind;
	options.get = get;
	return vedette_adapter_new(&options, out, error);
}
static vedette_status processEvent(vedette_processor* processor, const vedette_adapter* adapter,
                                   uintptr_t event, int64_t time, vedette_error** error) {
	vedette_event_info info;
	vedette_event_info_init(&info, sizeof info);
	info.time = time;
	info.category = vedette_string_of("process_creation");
	return vedette_processor_process_event(processor, adapter, (void*)event, &info, error);
}
*/
import "C"

import (
	"fmt"
	"os"
	"runtime/cgo"
	"strings"
	"time"
	"unsafe"
)

const rules = `title: Shell of a web server
level: high
logsource: {category: process_creation}
detection:
  s:
    Image|endswith: /sh
    User: www-data
  condition: s
---
title: A rule with a mistake
logsource: {category: process_creation}
detection:
  s: {Image|endswit: /sh}
  condition: s
`

// ProcessStart is an event as this host has it.
type ProcessStart struct {
	Image string
	User  string
	PID   int64
}

// Detection is what the host keeps of one.
type Detection struct {
	Title, Level string
	Matched      map[string]string
}

// Collector gets detections, and alerts as JSON; C knows it by a handle.
type Collector struct {
	detections []Detection
	alerts     []string
}

func goString(s C.vedette_string) string { return C.GoStringN(s.data, C.int(s.size)) }

// fail turns a status and its error object into a Go error; it frees the object.
func fail(status C.vedette_status, e *C.vedette_error) error {
	if status == C.VEDETTE_OK {
		return nil
	}
	defer C.vedette_error_free(e)
	return fmt.Errorf("%s: %s", C.GoString(C.vedette_status_name(status)),
		goString(C.vedette_error_message(e)))
}

//export goOnDetection
func goOnDetection(d *C.vedette_detection, user C.uintptr_t) C.int32_t {
	collector := cgo.Handle(user).Value().(*Collector)
	found := Detection{
		Title:   goString(C.vedette_detection_title(d)),
		Level:   goString(C.vedette_rule_text(C.vedette_detection_rule(d), C.VEDETTE_RULE_LEVEL)),
		Matched: map[string]string{},
	}
	for i := C.size_t(0); i < C.vedette_detection_matched_count(d); i++ {
		matched := C.vedette_matched_field{struct_size: C.sizeof_vedette_matched_field}
		if C.vedette_detection_matched(d, i, &matched, nil) != C.VEDETTE_OK {
			return 1
		}
		found.Matched[goString(matched.field)] = goString(matched.value)
	}
	collector.detections = append(collector.detections, found)
	return 0
}

//export goOnAlert
func goOnAlert(a *C.vedette_alert, user C.uintptr_t) C.int32_t {
	collector := cgo.Handle(user).Value().(*Collector)
	var json *C.vedette_bytes
	if C.vedette_alert_json(a, C.VEDETTE_FORM_JSON, &json, nil) != C.VEDETTE_OK {
		return 1
	}
	defer C.vedette_bytes_free(json)
	collector.alerts = append(collector.alerts,
		C.GoStringN(C.vedette_bytes_data(json), C.int(C.vedette_bytes_size(json))))
	return 0
}

var fields = []string{"Image", "User", "ProcessId"}

//export goBind
func goBind(field *C.char, size C.size_t) C.int32_t {
	name := C.GoStringN(field, C.int(size))
	for i, known := range fields {
		if known == name {
			return C.int32_t(i)
		}
	}
	return -1
}

// C must not keep pointers to Go's memory, so texts are copied into the arena of the event.
func setString(text string, arena *C.vedette_arena, value *C.vedette_value) {
	copied := C.vedette_arena_allocate(arena, C.size_t(len(text)))
	if copied == nil {
		return
	}
	copy(unsafe.Slice((*byte)(copied), len(text)), text)
	C.vedette_value_set_string(value, (*C.char)(copied), C.size_t(len(text)))
}

//export goGet
func goGet(event C.uintptr_t, binding C.int32_t, arena *C.vedette_arena,
	value *C.vedette_value) {
	e := cgo.Handle(event).Value().(*ProcessStart)
	switch fields[binding] {
	case "Image":
		setString(e.Image, arena, value)
	case "User":
		setString(e.User, arena, value)
	case "ProcessId":
		C.vedette_value_set_int(value, C.int64_t(e.PID))
	}
}

// compile prints what the compiler says of rules that it leaves out.
func compile(name, text string) (*C.vedette_program, error) {
	var set *C.vedette_rules
	var program *C.vedette_program
	var report *C.vedette_report
	var e *C.vedette_error
	if err := fail(C.vedette_rules_new(&set, &e), e); err != nil {
		return nil, err
	}
	defer C.vedette_rules_free(set)
	n, t := C.CString(name), C.CString(text)
	defer C.free(unsafe.Pointer(n))
	defer C.free(unsafe.Pointer(t))
	status := C.vedette_rules_add(set, C.VEDETTE_SOURCE_RULES, n, C.size_t(len(name)), t,
		C.size_t(len(text)), &e)
	if err := fail(status, e); err != nil {
		return nil, err
	}
	status = C.vedette_compile(set, nil, &program, &report, &e)
	defer C.vedette_report_free(report)
	for i := C.size_t(0); i < C.vedette_report_count(report); i++ {
		d := C.vedette_diagnostic{struct_size: C.sizeof_vedette_diagnostic}
		if C.vedette_report_get(report, i, &d, nil) == C.VEDETTE_OK {
			fmt.Fprintf(os.Stderr, "%s:%d:%d: %s (%s)\n", goString(d.file), d.line, d.column,
				goString(d.message), goString(d.hint))
		}
	}
	return program, fail(status, e)
}

func run() (*Collector, error) {
	collector := &Collector{}
	handle := cgo.NewHandle(collector)
	defer handle.Delete()
	program, err := compile("rules.yml", rules)
	if err != nil {
		return nil, err
	}
	defer C.vedette_program_free(program)
	var engine *C.vedette_engine
	var processor *C.vedette_processor
	var adapter *C.vedette_adapter
	var e *C.vedette_error
	if err := fail(C.vedette_engine_new(program, &engine, &e), e); err != nil {
		return nil, err
	}
	defer C.vedette_engine_free(engine)
	if err := fail(C.newProcessor(engine, C.uintptr_t(handle), &processor, &e), e); err != nil {
		return nil, err
	}
	defer C.vedette_processor_free(processor)
	var triage *C.vedette_triage
	if err := fail(C.newTriage(C.uintptr_t(handle), &triage, &e), e); err != nil {
		return nil, err
	}
	defer C.vedette_triage_free(triage)
	if err := fail(C.vedette_processor_set_triage(processor, triage, &e), e); err != nil {
		return nil, err
	}
	if err := fail(C.newAdapter(&adapter, &e), e); err != nil {
		return nil, err
	}
	defer C.vedette_adapter_free(adapter)
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for _, event := range []ProcessStart{
		{"/usr/sbin/nginx", "www-data", 10},
		{"/bin/sh", "www-data", 11},
		{"/bin/sh", "www-data", 13}, // folded into the alert about the one before
		{"/bin/sh", "ann", 12},
	} {
		event := event
		h := cgo.NewHandle(&event)
		status := C.processEvent(processor, adapter, C.uintptr_t(h), C.int64_t(now.UnixNano()), &e)
		h.Delete()
		if err := fail(status, e); err != nil {
			return nil, err
		}
	}
	return collector, fail(C.vedette_processor_flush(processor, &e), e)
}

func main() {
	collector, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, d := range collector.detections {
		fmt.Println(d.Title, d.Level, d.Matched)
	}
	for _, alert := range collector.alerts {
		fmt.Println(alert)
	}
	found := collector.detections
	if len(collector.alerts) != 1 || !strings.Contains(collector.alerts[0], "www-data") {
		os.Exit(1)
	}
	if len(found) != 2 || found[0].Level != "high" || found[0].Matched["User"] != "www-data" {
		os.Exit(1)
	}
}
