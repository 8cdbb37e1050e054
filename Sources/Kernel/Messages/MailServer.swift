import CCurl
internal import Foundation

/// A mail server (SMTP), by libcurl; the call blocks until the server has taken the mail.
public struct MailServer: Sendable {
    /// e.g. `smtp://mail.example.cn:25` or `smtps://…:465`.
    public let url: String
    public let user: String
    public let password: String
    /// The sender's address.
    public let from: String

    public init(url: String, user: String = "", password: String = "", from: String) {
        self.url = url
        self.user = user
        self.password = password
        self.from = from
    }

    /// - Throws: ``MailError``; addresses with line ends or angle brackets are refused.
    public func send(to: String, subject: String, body: String, id: String, now: Instant) throws(MailError) {
        guard to.contains("@"), to.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x3C && $0 != 0x3E && $0 != 0x7F }) else {
            throw MailError(code: 0, words: "not an address")
        }
        let text = Array(message(to: to, subject: subject, body: body, id: id, now: now).utf8).map {
            CChar(bitPattern: $0)
        }
        var words = [CChar](repeating: 0, count: 256)
        let code = kechuang_send_mail(
            url, user, password, "<\(from)>", "<\(to)>", text, text.count, 20, &words, words.count)
        guard code == 0 else {
            let reason = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw MailError(code: Int(code), words: reason)
        }
    }

    /// The mail as it travels: UTF-8 in base64, so that no line is too long and no text can forge a header.
    func message(to: String, subject: String, body: String, id: String, now: Instant) -> String {
        let coded = Data(body.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn])
        let date = Date(timeIntervalSince1970: TimeInterval(now.microseconds / 1_000_000))
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
        return [
            "Date: \(formatter.string(from: date))", "From: <\(from)>", "To: <\(to)>",
            "Subject: =?UTF-8?B?\(Data(subject.utf8).base64EncodedString())?=", "Message-ID: <\(id)@\(host)>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
            coded.replacing("\r\n", with: "\r").replacing("\r", with: "\r\n"), "",
        ].joined(separator: "\r\n")
    }
}

/// A mail was not taken by the server.
public struct MailError: Error, Hashable, CustomStringConvertible {
    public let code: Int
    /// Of libcurl, or of the server, which may repeat the address in them.
    public let words: String
    public var description: String { "mail not sent (\(code)): \(words)" }

    /// The number with which the server refused (RFC 5321, 4.2), where it stands among the words.
    var reply: Int? {
        words.split { !$0.isLetter && !$0.isNumber }.lazy.filter { $0.utf8.count == 3 }.compactMap { Int($0) }
            .first { (400..<600).contains($0) }
    }
}
