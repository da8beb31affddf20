#include <string>

#include "gtest/gtest.h"
#include "lib/io/auditd/syscalls.h"
#include "tests/support/read_events.h"
#include "vedette/io/auditd.h"

namespace vedette {
namespace {

using test::ReadOutcome;

ReadOutcome ReadAudit(const std::string& text, TextOptions options = {}) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.on_broken = on_broken;
    return NewAuditdReader("log", test::BytesOf(text, 11), options);
  });
}

// A line of the record `type` at 2026-11-17T10:31:00 and some seconds.
std::string Line(const std::string& type, int serial, const std::string& fields, int second = 0) {
  return "type=" + type + " msg=audit(" + std::to_string(1794911460 + second) +
         ".250:" + std::to_string(serial) + "): " + fields + "\n";
}

// The fields of the only event behind its time and number.
std::string Fields(const std::string& text) {
  const std::string all = ReadAudit(text).Only();
  const std::string head = R"({"timestamp":"2026-11-17T10:31:00.25Z","serial":7,)";
  EXPECT_TRUE(all.starts_with(head)) << all;
  return all.substr(std::min(all.size(), head.size()));
}

TEST(AuditdReader, JoinsTheRecordsOfAnEvent) {
  EXPECT_EQ(Fields(Line("SYSCALL", 7, "arch=c000003e syscall=59 a0=1f exit=-2 exe=\"/bin/cat\"") +
                   Line("EXECVE", 7, "argc=2 a0=\"cat\" a1=2F746D702F6120C3A9") +
                   Line("CWD", 7, "cwd=\"/root\"") +
                   Line("PATH", 7, "item=0 name=\"/bin/cat\" nametype=NORMAL") +
                   Line("PATH", 7, "item=1 name=(null) nametype=NORMAL") +
                   Line("PROCTITLE", 7, "proctitle=636174002F746D70") + Line("EOE", 7, "")),
            R"("type":["SYSCALL","EXECVE","CWD","PATH","PROCTITLE"],"arch":"c000003e",)"
            R"("syscall":[59,"execve"],"a0":["1f","cat"],"exit":-2,"exe":"/bin/cat","argc":2,)"
            R"("a1":"/tmp/a )"
            "\xC3\xA9"
            R"(","cwd":"/root","item":[0,1],"name":["/bin/cat",null],"nametype":"NORMAL",)"
            R"("proctitle":"cat /tmp","SYSCALL":"execve","command_line":"cat /tmp/a )"
            "\xC3\xA9"
            R"("})");
}

TEST(AuditdReader, RecordsOfUsers) {
  EXPECT_EQ(Fields(Line("USER_CMD", 7,
                        "pid=9 uid=1000 msg='cwd=\"/home/a\" cmd=6C73202D6C terminal=pts/0 "
                        "res=success'")),
            R"("type":"USER_CMD","pid":9,"uid":1000,)"
            R"("msg":"cwd=\"/home/a\" cmd=6C73202D6C terminal=pts/0 res=success",)"
            R"("cwd":"/home/a","cmd":"ls -l","terminal":"pts/0","res":"success"})");
  EXPECT_EQ(Fields(Line("AVC", 7, "avc:  denied  { read } for  pid=5 comm=\"x\" tclass=file")),
            R"("type":"AVC","pid":5,"comm":"x","tclass":"file"})");
}

TEST(AuditdReader, EnrichedRecords) {
  EXPECT_EQ(
      Fields(Line("SYSCALL", 7,
                  "arch=c000003e syscall=42 auid=0 key=(null)\x1d"
                  "ARCH=x86_64 SYSCALL=connect AUID=\"root\"") +
             Line("SOCKADDR", 7,
                  "saddr=0200003500000000\x1dSADDR={ saddr_fam=inet laddr=0.0.0.0 lport=53 }") +
             Line("PROCTITLE", 7, "proctitle=\"nc\"")),
      R"("type":["SYSCALL","SOCKADDR","PROCTITLE"],"arch":"c000003e",)"
      R"("syscall":[42,"connect"],"auid":0,"key":null,"ARCH":"x86_64","SYSCALL":"connect",)"
      R"("AUID":"root","saddr_fam":"inet","laddr":"0.0.0.0","lport":53,)"
      R"("saddr":"0200003500000000","proctitle":"nc"})");
}

TEST(AuditdReader, SocketAddresses) {
  const auto address = [](const std::string& saddr) {
    const std::string all = Fields(Line("SOCKADDR", 7, "saddr=" + saddr));
    return all.substr(all.find(',') + 1);
  };
  EXPECT_EQ(address("020001BBC63364070000000000000000"),
            R"("saddr_fam":"inet","laddr":"198.51.100.7","lport":443,)"
            R"("saddr":"020001BBC63364070000000000000000"})");
  EXPECT_TRUE(
      address("0A0000500000000020010DB800000000000000000000000100000000")
          .starts_with(R"("saddr_fam":"inet6","laddr":"2001:db8:0:0:0:0:0:1","lport":80,)"));
  EXPECT_TRUE(address("01002F72756E2F6100").starts_with(R"("saddr_fam":"local","path":"/run/a",)"));
  EXPECT_EQ(address("0200"), R"("saddr":"0200"})");
  EXPECT_EQ(address("zz"), R"("saddr":"zz"})");
}

TEST(AuditdReader, LongArgumentsComeInParts) {
  EXPECT_EQ(Fields(Line("SYSCALL", 7, "success=yes") +
                   Line("EXECVE", 7, "argc=3 a0=\"sh\" a1_len=9 a1[0]=\"one\" a1[1]=\" two\"") +
                   Line("EXECVE", 7, "a1[2]=20 a2=\"last\"") + Line("PROCTITLE", 7, "")),
            R"("type":["SYSCALL","EXECVE","PROCTITLE"],"success":"yes","argc":3,"a0":"sh",)"
            R"("a1_len":9,"a1":["one two"," "],"a2":"last","command_line":"sh one two   last"})");
}

TEST(AuditdReader, HexOnlyWhereItCanBe) {
  // a1 of a system call is a number; names are quoted unless they are hexadecimal.
  EXPECT_EQ(Fields(Line("SYSCALL", 7, "a1=4142 key=61016263 comm=\"4142\" pid=4142")),
            R"("type":"SYSCALL","a1":"4142","key":["a","bc"],"comm":"4142","pid":4142})");
  EXPECT_EQ(Fields(Line("SYSCALL", 7, "comm=414 exe=ab name=")),
            R"("type":"SYSCALL","comm":414,"exe":"ab","name":""})");
}

TEST(AuditdReader, EventsThatAreInterleaved) {
  const ReadOutcome read = ReadAudit(
      Line("SYSCALL", 1, "pid=1") + Line("SYSCALL", 2, "pid=2") + Line("CWD", 1, "cwd=\"/1\"") +
      Line("CWD", 2, "cwd=\"/2\"") + Line("EOE", 2, "") + Line("PROCTITLE", 1, "proctitle=\"1\"") +
      "node=b " + Line("SYSCALL", 3, "pid=3") + Line("SYSCALL", 3, "pid=4"));
  ASSERT_EQ(read.events.size(), 4u);
  EXPECT_NE(read.events[0].find("\"cwd\":\"/2\""), std::string::npos);
  EXPECT_NE(read.events[1].find("\"cwd\":\"/1\""), std::string::npos);
  EXPECT_NE(read.events[2].find("\"node\":\"b\""), std::string::npos);
  EXPECT_EQ(read.lines[0], 2u);
  EXPECT_EQ(read.lines[1], 1u);
  EXPECT_EQ(read.times[0], "2026-11-17T10:31:00.25Z");
}

TEST(AuditdReader, NoEventIsWaitedForLong) {
  // Its end is lost; the event comes when later ones are two seconds further.
  const ReadOutcome read =
      ReadAudit(Line("SYSCALL", 1, "pid=1") + Line("USER_ACCT", 2, "pid=2", 2) +
                Line("USER_ACCT", 3, "pid=3", 3));
  ASSERT_EQ(read.events.size(), 3u);
  EXPECT_NE(read.events[1].find("\"pid\":1"), std::string::npos);
  // No more than 64 are open.
  std::string many;
  for (int i = 0; i < 100; ++i) many += Line("SYSCALL", i, "pid=" + std::to_string(i));
  EXPECT_EQ(ReadAudit(many).stats.events, 100u);
}

TEST(AuditdReader, Damage) {
  const ReadOutcome read =
      ReadAudit("type=SYSCALL msg=audit(17\n" + Line("CWD", 1, "cwd=\"/\"") +
                Line("SYSCALL", 2, "items=2") + Line("PATH", 2, "item=0 name=\"/\"") + "nothing\n");
  EXPECT_EQ(read.stats.events, 2u);
  EXPECT_EQ(read.stats.broken, 2u);
  EXPECT_EQ(read.stats.incomplete, 2u);
  EXPECT_EQ(read.reasons.at(2), "2: the SYSCALL record of the event is missing");
  EXPECT_EQ(read.reasons.at(3), "3: PATH records of the event are missing");
  TextOptions small;
  small.max_bytes = 150;
  const ReadOutcome large =
      ReadAudit(Line("SYSCALL", 1, std::string(90, 'x')) + Line("CWD", 1, std::string(90, 'x')) +
                    Line("PROCTITLE", 1, "") + Line("LOGIN", 2, "pid=1"),
                small);
  EXPECT_EQ(large.stats.oversized, 1u);
  EXPECT_EQ(large.stats.events, 1u);
}

TEST(AuditdReader, TruncatedAtEveryByte) {
  const std::string text =
      Line("SYSCALL", 7, "arch=c000003e syscall=59 key=\"k\"") + Line("EXECVE", 7, "a0[0]=41") +
      Line("SOCKADDR", 7, "saddr=020001BBC6336407\x1dSADDR={ saddr_fam=inet }") +
      Line("USER_CMD", 8, "msg='cmd=6C73 res=ok'");
  for (size_t n = 0; n <= text.size(); ++n) {
    EXPECT_TRUE(ReadAudit(text.substr(0, n)).status.ok());
  }
}

TEST(AuditdReader, NamesOfSystemCalls) {
  EXPECT_EQ(SyscallName("c000003e", 0), "read");
  EXPECT_EQ(SyscallName("c000003e", 59), "execve");
  EXPECT_EQ(SyscallName("c000003e", 257), "openat");
  EXPECT_EQ(SyscallName("c000003e", 334), "rseq");
  EXPECT_EQ(SyscallName("c000003e", 335), "");
  EXPECT_EQ(SyscallName("c00000b7", 56), "openat");
  EXPECT_EQ(SyscallName("c00000b7", 221), "execve");
  EXPECT_EQ(SyscallName("c00000b7", 244), "");
  EXPECT_EQ(SyscallName("40000003", 11), "");
  EXPECT_EQ(SyscallName("c000003e", -1), "");
}

}  // namespace
}  // namespace vedette
