import Foundation
import Kernel
import Testing

@testable import Bureau
@testable import Portal

/// A form as a page shows it.
struct ShownForm: Sendable {
    struct Field: Hashable, Sendable {
        let name: String
        let type: String
        /// What the page calls it.
        let label: String
        let isRequired: Bool
        /// The longest text that the page says it takes.
        let most: Int?
        var isHidden: Bool { ["hidden", "file", "checkbox", "password"].contains(type) }
    }

    let route: String
    /// Where it is shown.
    let page: String
    let action: String
    let guest: LeakWorld.Guest
    let fields: [Field]
    /// What the form would send if nothing were touched.
    let values: [(name: String, value: String)]
    let keepsDrafts: Bool

    var key: String { "\(route) \(fields.map(\.name).joined(separator: ","))" }

    enum Kind: String, Sendable, CustomStringConvertible {
        case missing, tooLong = "too long", noChoice = "no choice", notText = "not text"
        var description: String { rawValue }
    }

    /// Contracts and drafts are saved whatever is wrong with them; calls take what is missing but nothing that is wrong.
    private static let keptHalfWritten: Set<String> = [
        "projects.save", "changes.save", "budget-changes.save", "drafts.save", "applications.save",
        "permits.filings.save", "reviews.save",
    ]

    /// Whether the house keeps what is wrong, and says so.
    var isKept: Bool { Self.keptHalfWritten.contains(route) }

    /// What is sent of each kind of bad input that must be refused. What is no text spoils the whole form, so that
    /// one field of it is enough.
    func bad() -> [(field: Field, bad: (kind: Kind, body: String))] {
        let shown = fields.filter { !$0.isHidden }
        return shown.prefix(1).map { ($0, (.notText, body($0, "%FF%FE"))) }
            + shown.flatMap { field in bad(field).map { (field, $0) } }
    }

    private func bad(_ field: Field) -> [(kind: Kind, body: String)] {
        var found: [(kind: Kind, body: String)] = []
        switch field.type {
        case "select", "radio": found.append((.noChoice, body(field, "no-such-choice")))
        case "textarea":
            found.append(
                (.tooLong, body(field, Self.encode(String(repeating: "长", count: (field.most ?? 20_000) + 1)))))
        // Right in all but their length.
        case "tel": found.append((.tooLong, body(field, Self.encode("12345" + String(repeating: "a", count: 12_000)))))
        case "email":
            found.append((.tooLong, body(field, Self.encode(String(repeating: "a", count: 12_000) + "@example.cn"))))
        default: found.append((.tooLong, body(field, Self.encode(String(repeating: "长", count: 12_000)))))
        }
        if field.isRequired, !keepsDrafts, !isKept, route != "desk.calls.save" {
            found.append((.missing, body(field, "")))
        }
        return found
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// What the form sends once these fields are filled in.
    func body(_ filled: [String: String]) -> String {
        let parts =
            values.filter { filled[$0.name] == nil } + filled.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return parts.map { "\($0.0)=\(Self.encode($0.1))" }.joined(separator: "&")
    }

    private func body(_ field: Field, _ encoded: String) -> String {
        var parts = values.filter { $0.name != field.name }.map { "\($0.name)=\(Self.encode($0.value))" }
        parts.append("\(field.name)=\(encoded)")
        return parts.joined(separator: "&")
    }

    /// A body with the revision that the page has by now, where what is wrong is kept with what is right.
    func current(_ body: String, _ knocker: Knocker) async throws -> String {
        guard isKept,
            let old = values.first(where: { $0.name == "revision" })?.value
        else { return body }
        let html = await knocker.get(page, as: guest.actor, guest.name, language: .english).text
        let start = try #require(html.range(of: "name=\"revision\" value=\"")).upperBound
        return body.replacing("revision=\(old)&", with: "revision=\(html[start...].prefix { $0 != "\"" })&")
    }

    /// Whether an answer says that something is wrong with a field.
    func names(_ field: Field, _ reply: Knocker.Reply) -> Bool {
        // A row that is left empty takes no place, so that those after it move up.
        let isRow = field.name.contains(".")
        let html = isRow ? reply.text.replacing(/\.[0-9]+\./, with: ".N.") : reply.text
        let name = isRow ? field.name.replacing(/\.[0-9]+\./, with: ".N.") : field.name
        // A form that is shown again has its labels whatever is wrong.
        let isShown = html.contains("name=\"\(name)\"")
        let told =
            isShown ? html.matches(of: /<div class="notice bad"[\s\S]*?<\/div>/).map { String($0.0) }.joined() : html
        return html.contains("id=\"e-\(name)\"") || html.contains("#f-\(name)\"")
            || told.localizedCaseInsensitiveContains(field.label) || told.localizedCaseInsensitiveContains(field.name)
    }

    static func all(
        _ html: String, _ guest: LeakWorld.Guest, at page: String, _ table: RouteTable
    ) -> [ShownForm] {
        html.matches(of: /<form method="post" action="([^"]*)"([^>]*)>([\s\S]*?)<\/form>/).compactMap { match in
            let action = String(match.1).replacing("&amp;", with: "&")
            guard let target = try? RequestTarget(action),
                case .found(let route, _) = table.match(.post, target.segments)
            else { return nil }
            let (fields, values) = parts(String(match.3))
            return ShownForm(
                route: route.id, page: page, action: action, guest: guest, fields: fields, values: values,
                keepsDrafts: match.2.contains("data-autosave"))
        }
    }

    private static func parts(_ html: String) -> ([Field], [(name: String, value: String)]) {
        var fields: [Field] = []
        var values: [(name: String, value: String)] = []
        var optional: Set<String> = []
        var labels: [String: String] = [:]
        for match in html.matches(of: /<label for="f-([^"]*)">([^<]*)(<span class="optional">)?/) {
            labels[String(match.1)] = String(match.2)
            if match.3 != nil { optional.insert(String(match.1)) }
        }
        func plain(_ text: some StringProtocol) -> String {
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(String(text)) {
                $0.replacing($1.0, with: $1.1)
            }
        }
        func add(_ name: String, _ type: String, _ tag: Substring) {
            let said = tag.firstMatch(of: /aria-label="([^"]*)"/).map { String($0.1) }
            guard !fields.contains(where: { $0.name == name }) else { return }
            fields.append(
                Field(
                    name: name, type: type, label: labels[name] ?? said ?? name,
                    isRequired: labels[name] != nil && !optional.contains(name),
                    most: tag.firstMatch(of: /data-most="([0-9]+)"/).flatMap { Int($0.1) }))
        }
        for match in html.matches(of: /<input([^>]*)>/) {
            let tag = String(match.1)
            guard let name = tag.firstMatch(of: /name="([^"]*)"/).map({ String($0.1) }) else { continue }
            let type = tag.firstMatch(of: /type="([^"]*)"/).map { String($0.1) } ?? "text"
            let value = tag.firstMatch(of: /value="([^"]*)"/).map { String($0.1) } ?? ""
            add(name, type, match.1)
            if !["checkbox", "radio"].contains(type) || tag.contains("checked") { values.append((name, plain(value))) }
        }
        for match in html.matches(of: /<textarea([^>]*name="([^"]*)"[^>]*)>([\s\S]*?)<\/textarea>/) {
            add(String(match.2), "textarea", match.1)
            values.append((String(match.2), plain(match.3).trimmingCharacters(in: .newlines)))
        }
        for match in html.matches(of: /<select([^>]*name="([^"]*)"[^>]*)>([\s\S]*?)<\/select>/) {
            add(String(match.2), "select", match.1)
            let chosen = match.3.firstMatch(of: /<option value="([^"]*)" selected/).map { String($0.1) } ?? ""
            values.append((String(match.2), plain(chosen)))
        }
        // Where every button says something, whoever sends the form sends what one of them says.
        let buttons = html.matches(of: /<button([^>]*)>/).map { String($0.1) }
        let said = buttons.compactMap { $0.firstMatch(of: /name="([^"]*)" value="([^"]*)"/) }
        if let last = said.last, said.count == buttons.count { values.append((String(last.1), plain(last.2))) }
        return (fields, values)
    }
}
