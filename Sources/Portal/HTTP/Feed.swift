public import Kernel

/// An Atom feed (RFC 4287).
public struct Feed: Sendable {
    /// One entry.
    public struct Entry: Sendable {
        /// Path of the page in the house.
        public let path: String
        public let title: String
        public let updated: Instant
        /// Plain text.
        public let summary: String

        public init(path: String, title: String, updated: Instant, summary: String) {
            self.path = path
            self.title = title
            self.updated = updated
            self.summary = summary
        }
    }

    public let title: String
    /// Path of the page that the feed follows.
    public let path: String
    /// The name of who publishes it.
    public let author: String
    public let updated: Instant
    public let entries: [Entry]

    public init(title: String, path: String, author: String, updated: Instant, entries: [Entry]) {
        self.title = title
        self.path = path
        self.author = author
        self.updated = updated
        self.entries = entries
    }

    /// The document.
    /// - Parameters:
    ///   - site: scheme and host, without a slash at the end.
    ///   - address: path of the feed itself.
    func bytes(site: String, address: String, language: Language) -> [UInt8] {
        var text = """
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="\(language == .chinese ? "zh-CN" : "en")">
            <id>\(XMLText.escape(site + address))</id>
            <title>\(XMLText.escape(title))</title>
            <updated>\(Timestamp.rfc3339(updated))</updated>
            <author><name>\(XMLText.escape(author))</name></author>
            <link rel="self" href="\(XMLText.escape(site + address))"/>
            <link rel="alternate" href="\(XMLText.escape(site + path))"/>

            """
        for entry in entries {
            text += """
                <entry>
                <id>\(XMLText.escape(site + entry.path))</id>
                <title>\(XMLText.escape(entry.title))</title>
                <updated>\(Timestamp.rfc3339(entry.updated))</updated>
                <link rel="alternate" href="\(XMLText.escape(site + entry.path))"/>
                <summary>\(XMLText.escape(entry.summary))</summary>
                </entry>

                """
        }
        return Array("\(text)</feed>\n".utf8)
    }
}

/// A calendar file (RFC 5545).
public struct CalendarFile: Sendable {
    /// When an event takes place.
    public enum Time: Hashable, Sendable {
        case day(Day)
        case moment(Instant)
    }

    /// One event.
    public struct Event: Sendable {
        /// Unique for ever and the same in every version of the file, e.g. `call-018f…@bureau`.
        public let uid: String
        public let time: Time
        public let title: String
        public let details: String
        /// When the event was last changed.
        public let changed: Instant

        public init(uid: String, time: Time, title: String, details: String, changed: Instant) {
            self.uid = uid
            self.time = time
            self.title = title
            self.details = details
            self.changed = changed
        }
    }

    public let name: String
    public let events: [Event]

    public init(name: String, events: [Event]) {
        self.name = name
        self.events = events
    }

    var bytes: [UInt8] {
        var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kechuang//Kechuang//ZH", "CALSCALE:GREGORIAN"]
        lines.append("X-WR-CALNAME:\(CalendarFile.escape(name))")
        for event in events {
            lines += [
                "BEGIN:VEVENT", "UID:\(CalendarFile.escape(event.uid))",
                "DTSTAMP:\(Timestamp.compact(event.changed))", CalendarFile.start(event.time),
                "SUMMARY:\(CalendarFile.escape(event.title))", "DESCRIPTION:\(CalendarFile.escape(event.details))",
                "TRANSP:TRANSPARENT", "END:VEVENT",
            ]
        }
        lines.append("END:VCALENDAR")
        return lines.flatMap(CalendarFile.fold)
    }

    private static func start(_ time: Time) -> String {
        switch time {
        case .day(let day):
            "DTSTART;VALUE=DATE:\(String(day.description.unicodeScalars.filter { $0 != "-" }.map(Character.init)))"
        case .moment(let instant): "DTSTART:\(Timestamp.compact(instant))"
        }
    }

    private static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in FormBody.unifyLineEnds(text).unicodeScalars {
            switch scalar {
            case "\\", ";", ",": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: ["\\", "n"])
            default: if scalar.value >= 0x20 { result.append(scalar) }
            }
        }
        return String(result)
    }

    /// A line ends with CRLF and is broken so that no piece has more than 75 bytes or half a character.
    private static func fold(_ line: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var width = 0
        for scalar in line.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            if width + encoded.count > 75 {
                bytes += [0x0D, 0x0A, 0x20]
                width = 1
            }
            bytes += encoded
            width += encoded.count
        }
        return bytes + [0x0D, 0x0A]
    }
}

/// Text inside XML.
enum XMLText {
    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case 0x09, 0x0A, 0x0D, 0x20...: bytes.append(byte)
            // Other control characters cannot stand in XML at all.
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Moments as protocols write them, always in UTC.
enum Timestamp {
    /// `2026-11-24T09:30:00Z`
    static func rfc3339(_ instant: Instant) -> String {
        let (day, hour, minute, second) = parts(instant)
        return "\(day)T\(two(hour)):\(two(minute)):\(two(second))Z"
    }

    /// `20261124T093000Z`
    static func compact(_ instant: Instant) -> String {
        let (day, hour, minute, second) = parts(instant)
        let (year, month, dayOfMonth) = day.parts
        return "\(year)\(two(month))\(two(dayOfMonth))T\(two(hour))\(two(minute))\(two(second))Z"
    }

    private static func parts(_ instant: Instant) -> (day: Day, hour: Int, minute: Int, second: Int) {
        let seconds = Int(instant.microseconds >= 0 ? instant.microseconds : instant.microseconds - 999_999) / 1_000_000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        return (Day(number: days), rest / 3_600, rest / 60 % 60, rest % 60)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
