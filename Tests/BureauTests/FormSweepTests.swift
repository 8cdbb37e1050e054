import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Every form that a page of the world shows is sent as it stands but for one field, which is missing, too long, not
/// among its choices or not text. The answer is a refusal that names the field, in the reader's language, and leaves
/// no trace. Forms are found on the pages, so that a new one is covered without being named here.
@Suite("Every form, field by field", .serialized)
struct FormSweepTests {
    private static let guides = [
        "everyone", "owner", "owner's organisation", "reviewer", "tipper", "officer", "leader", "treasurer", "auditor",
        "administrator",
    ]

    /// Where something else that is wrong with the form is told first, so that it takes a second try to learn of the
    /// field. Nothing may come to these, and what is mended goes.
    private static let tellsLater: Set<String> = [
        "admin.account", "applications.start", "audit.samples.draw", "desk.calls.create",
        "desk.calls.save", "desk.conflicts.tie", "desk.registers.add", "desk.registers.figures", "desk.registers.save",
        "desk.registers.state", "desk.review.note", "ledger.periods.propose", "meetings.plan", "organisations.member",
        "privacy.erase", "rules.propose",
        "talent.experts.add", "talent.experts.save",
    ]
    /// Who signs in is not told which half was wrong; who files may have no organisation.
    private static let right: Set<String> = [
        "session.start login too long", "filings.open organisation missing",
    ]

    @Test("A field that is missing, too long, no choice or no text is refused by name and leaves no trace")
    func sweep() async throws {
        let world = try await LeakWorld.open(.sqlite)
        let knocker = try Knocker(world.services)
        let forms = try await forms(world, knocker)
        var sent = 0
        var later: Set<String> = []
        for form in forms {
            for field in form.fields where !field.isHidden {
                for bad in form.bad(field) where !Self.right.contains("\(form.route) \(field.name) \(bad.kind)") {
                    let place = "\(form.route) \(field.name): \(bad.kind)"
                    // The labels that are looked for were read in English.
                    let language: Language = bad.kind == .notText ? .chinese : .english
                    let before = try await events(world)
                    let reply = await knocker.form(
                        form.action, Array(bad.body.utf8), as: form.guest.actor, form.guest.name, language)
                    sent += 1
                    #expect((400..<500).contains(reply.status), "\(place) is answered \(reply.status)")
                    #expect(reply.text.contains("lang=\"\(language == .chinese ? "zh-CN" : "en")\""), "\(place)")
                    #expect(try await events(world) == before, "\(place) wrote to the record")
                    if bad.kind == .notText || form.names(field, reply) { continue }
                    later.insert(form.route)
                    #expect(Self.tellsLater.contains(form.route), "\(place) is not told")
                }
            }
        }
        print("forms: \(forms.count) of \(Set(forms.map(\.route)).count) addresses, \(sent) bad inputs")
        #expect(forms.count > 50 && sent > 700)
        #expect(Self.tellsLater.subtracting(later).isEmpty, "these tell all at once now; take them off the list")
    }

    private func events(_ world: LeakWorld) async throws -> Int {
        try await world.db.read { tx in try tx.value("SELECT COUNT(*) FROM event") ?? 0 }
    }

    /// One of each form, by its route and its fields.
    private func forms(_ world: LeakWorld, _ knocker: Knocker) async throws -> [ShownForm] {
        var seen: Set<String> = []
        var count: [String: Int] = [:]
        var found: [ShownForm] = []
        for address in try await LeakWorlds.addresses(.sqlite).list {
            count[address.route, default: 0] += 1
            guard let route = knocker.table.route(address.route), !route.isAPI, count[address.route] ?? 0 <= 4 else {
                continue
            }
            for name in Self.guides {
                let guest = try world.guest(name)
                guard route.access.allows(guest.actor) else { continue }
                let reply = await knocker.get(address.path, as: guest.actor, name, language: .english)
                guard reply.status == 200, reply.type.hasPrefix("text/html") else { continue }
                for form in ShownForm.all(reply.text, guest, knocker.table) where seen.insert(form.key).inserted {
                    found.append(form)
                }
            }
        }
        return found
    }
}

/// A form as a page shows it.
struct ShownForm: Sendable {
    struct Field: Hashable, Sendable {
        let name: String
        let type: String
        let label: String
        let isRequired: Bool
        var isHidden: Bool { ["hidden", "file", "checkbox", "password"].contains(type) }
    }

    let route: String
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

    /// What is sent for a field of each kind of bad input that must be refused.
    func bad(_ field: Field) -> [(kind: Kind, body: String)] {
        var found = [(Kind.notText, body(field, "%FF%FE"))]
        switch field.type {
        case "select", "radio": found.append((.noChoice, body(field, "no-such-choice")))
        default: found.append((.tooLong, body(field, Self.encode(String(repeating: "长", count: 5_000)))))
        }
        // A call may be kept half-written as well.
        if field.isRequired, !keepsDrafts, route != "desk.calls.save" { found.append((.missing, body(field, ""))) }
        return found
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private func body(_ field: Field, _ encoded: String) -> String {
        var parts = values.filter { $0.name != field.name }.map { "\($0.name)=\(Self.encode($0.value))" }
        parts.append("\(field.name)=\(encoded)")
        return parts.joined(separator: "&")
    }

    /// Whether an answer says that something is wrong with a field.
    func names(_ field: Field, _ reply: Knocker.Reply) -> Bool {
        let html = reply.text
        // A form that is shown again has its labels whatever is wrong.
        let isShown = html.contains("name=\"\(field.name)\"")
        let told =
            isShown ? html.matches(of: /<div class="notice bad"[\s\S]*?<\/div>/).map { String($0.0) }.joined() : html
        return html.contains("id=\"e-\(field.name)\"") || html.contains("#f-\(field.name)\"")
            || told.localizedCaseInsensitiveContains(field.label)
    }

    static func all(_ html: String, _ guest: LeakWorld.Guest, _ table: RouteTable) -> [ShownForm] {
        html.matches(of: /<form method="post" action="([^"]*)"([^>]*)>([\s\S]*?)<\/form>/).compactMap { match in
            let action = String(match.1).replacing("&amp;", with: "&")
            guard !match.2.contains("multipart"), let target = try? RequestTarget(action),
                case .found(let route, _) = table.match(.post, target.segments)
            else { return nil }
            let (fields, values) = parts(String(match.3))
            return ShownForm(
                route: route.id, action: action, guest: guest, fields: fields, values: values,
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
        func add(_ name: String, _ type: String) {
            guard !fields.contains(where: { $0.name == name }) else { return }
            fields.append(
                Field(
                    name: name, type: type, label: labels[name] ?? "\u{0}",
                    isRequired: labels[name] != nil && !optional.contains(name)))
        }
        for match in html.matches(of: /<input([^>]*)>/) {
            let tag = String(match.1)
            guard let name = tag.firstMatch(of: /name="([^"]*)"/).map({ String($0.1) }) else { continue }
            let type = tag.firstMatch(of: /type="([^"]*)"/).map { String($0.1) } ?? "text"
            let value = tag.firstMatch(of: /value="([^"]*)"/).map { String($0.1) } ?? ""
            add(name, type)
            if !["checkbox", "radio"].contains(type) || tag.contains("checked") { values.append((name, value)) }
        }
        for match in html.matches(of: /<textarea[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/textarea>/) {
            add(String(match.1), "textarea")
            values.append((String(match.1), String(match.2).trimmingCharacters(in: .newlines)))
        }
        for match in html.matches(of: /<select[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/) {
            add(String(match.1), "select")
            let chosen = match.2.firstMatch(of: /<option value="([^"]*)" selected/).map { String($0.1) } ?? ""
            values.append((String(match.1), chosen))
        }
        return (fields, values)
    }
}
