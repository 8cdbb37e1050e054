import Foundation
import Kernel
import Store

@testable import Bureau
@testable import Portal

/// The addresses of the matrix, found by following every link of every page from the routes that need no value: a new
/// route, a new page and a new query field are in it without being named here.
struct LeakAddresses: Sendable {
    struct Address: Hashable, Sendable {
        let route: String
        /// As a browser sends it, with its query.
        let path: String
    }

    /// What was found, in a fixed order.
    private(set) var list: [Address] = []
    /// Files as which lists leave, by the links of their pages, in a fixed order.
    private(set) var exports: [Address] = []
    /// For each route that reads, an address of it and the query fields that pages or the API's description give it.
    private(set) var fields: [(path: String, names: [String])] = []
    /// Routes that answered nobody who looked around, at no address that was found.
    private(set) var unreached: Set<String> = []
    /// The values that paths take, by the word before them.
    private(set) var values: [String: Set<String>] = [:]

    /// Answers that need seconds to be made and hold nothing that their page does not.
    static func isSlow(_ path: String) -> Bool { path.hasSuffix(".pdf") || path.hasSuffix("/pdf") }

    /// - Parameters:
    ///   - guides: those who look around; `officer` and `everyone` look at the public pages.
    ///   - doors: addresses that are kept in any case, such as those that are typed or sent by mail.
    ///   - most: other addresses of one route that are kept; each has its own path values.
    ///   - tries: values of each kind that are tried where no page gives an address that answers.
    ///   - seeing: what is to be done with each page and who saw it.
    static func find(
        _ knocker: Knocker, guides: [LeakWorld.Guest], doors: [String] = [], most: Int = 8,
        tries: Int = 4, language: Language = .chinese,
        seeing: (Address, LeakWorld.Guest, String) -> Void = { _, _, _ in }
    ) async throws -> LeakAddresses {
        var seen: [String: Set<String>] = [:]
        var queries: [String: Set<String>] = [:]
        var values: [String: Set<String>] = [:]
        var answered: Set<String> = []
        let readers = knocker.table.routes.filter(\.isReading)
        var found: [Address] = []
        var files = Exports()
        func note(_ link: String, isDoor: Bool = false) -> Address? {
            guard let target = try? RequestTarget(link),
                case .found(let route, _) = knocker.table.match(.get, target.segments)
            else { return nil }
            for field in target.query { queries[route.id, default: []].insert(field.name) }
            for (key, value) in keyed(route, target.segments) { values[key, default: []].insert(value) }
            let parts = link.split(separator: "?", maxSplits: 1).map(String.init)
            // A page may show other things by its query, so each set of query fields is an address of its own.
            let shape = "\(parts[0])?\(target.query.map(\.name).sorted().joined(separator: "&"))"
            guard !isSlow(parts[0]),
                isDoor || seen[route.id, default: []].count < (route.path.hasPrefix("/cases/") ? 3 * most : most),
                seen[route.id, default: []].insert(shape).inserted
            else { return nil }
            let address = Address(route: route.id, path: link)
            found.append(address)
            return address
        }
        let starts = readers.filter { PathTemplate($0.path)?.names.isEmpty == true }.map(\.path)
        let passersBy = guides.filter { ["everyone", "officer"].contains($0.name) }
        let insiders = guides.filter { $0.actor.account != nil }
        func guests(_ route: Route) -> [LeakWorld.Guest] {
            let isPublic = route.access == .everyone || route.access == .session
            return (isPublic ? passersBy : insiders).filter { route.access.allows($0.actor) }
        }
        var waiting = (doors + starts).compactMap { note($0, isDoor: true) }
        while !waiting.isEmpty {
            let address = waiting.removeFirst()
            guard let route = knocker.table.route(address.route) else { continue }
            for guest in guests(route) {
                let reply = await knocker.get(address.path, as: guest.actor, guest.name, language: language)
                if reply.status < 400 { answered.insert(route.id) }
                guard reply.status == 200, reply.type.hasPrefix("text/html") else { continue }
                seeing(address, guest, reply.text)
                for (link, names) in links(reply.text) {
                    if let new = note(link) { waiting.append(new) }
                    guard !names.isEmpty, let target = try? RequestTarget(link),
                        case .found(let other, _) = knocker.table.match(.get, target.segments)
                    else { continue }
                    queries[other.id, default: []].formUnion(names)
                }
                files.add(reply.text, at: address.path, knocker.table)
            }
        }
        var addresses = LeakAddresses()
        // What no page links, as most of the API: its values are those that pages gave for the same names.
        for route in readers where !answered.contains(route.id) {
            let paths = filled(route, values)
            let tried = paths.prefix(tries) + filled(route, values, beside: "cases").prefix(tries)
            if let path = await opening(Array(tried), guests(route), knocker, language) {
                answered.insert(route.id)
                _ = note(path)
            }
            if (seen[route.id]?.count ?? 0) < 2 { for path in paths { _ = note(path) } }
        }
        for route in readers {
            for parameter in route.api?.query ?? [] { queries[route.id, default: []].insert(parameter.name) }
        }
        addresses.values = values
        addresses.list = found.sorted { ($0.route, $0.path) < ($1.route, $1.path) }
        addresses.exports = files.list.sorted { ($0.route, $0.path) < ($1.route, $1.path) }
        addresses.unreached = Set(readers.map(\.id)).subtracting(answered)
        for address in addresses.list {
            let names = queries[address.route, default: []].sorted()
            if !names.isEmpty {
                addresses.fields.append((address.path.split(separator: "?").first.map(String.init) ?? "", names))
            }
        }
        return addresses
    }

    /// The values of a path by the word before each, as `cases` before the identity of a case: other addresses, those
    /// of the API above all, take the same.
    static func keyed(_ route: Route, _ segments: [String]) -> [(String, String)] {
        var found: [(String, String)] = []
        var before = ""
        for (segment, text) in zip(PathTemplate(route.path)?.segments ?? [], segments) {
            switch segment {
            case .fixed(let word): before = word
            case .value: found.append((before, text))
            }
        }
        return found
    }

    /// The first of some addresses that answers one of these guests.
    private static func opening(
        _ paths: [String], _ guests: [LeakWorld.Guest], _ knocker: Knocker, _ language: Language
    ) async -> String? {
        for path in paths where !isSlow(path) {
            for guest in guests {
                let reply = await knocker.get(path, as: guest.actor, guest.name, language: language)
                if reply.status < 400 { return path }
            }
        }
        return nil
    }

    /// The addresses of a route with the values that are known for its places.
    /// - Parameter other: the word whose values are taken in place of those of the own one.
    static func filled(
        _ route: Route, _ values: [String: Set<String>], beside other: String? = nil
    ) -> [String] {
        var paths = [""]
        var before = ""
        for segment in PathTemplate(route.path)?.segments ?? [] {
            switch segment {
            case .fixed(let word):
                before = word
                paths = paths.map { "\($0)/\(word)" }
            case .value:
                let known = (values[other ?? before] ?? values["cases"])?.sorted() ?? []
                paths = paths.flatMap { path in known.prefix(20).map { "\(path)/\($0)" } }
            }
        }
        return Array(paths.prefix(40))
    }

    /// The files to which pages lead by links to themselves, two of each list and kind: they lead nowhere further.
    private struct Exports {
        private(set) var list: [Address] = []
        private var seen: [String: Set<String>] = [:]

        mutating func add(_ html: String, at path: String, _ table: RouteTable) {
            let page = path.split(separator: "?", maxSplits: 1).first.map(String.init) ?? path
            for match in html.matches(of: /href="(\?[^"#]*format=[a-z]+)"/) {
                let link = "\(page)\(String(match.1).replacing("&amp;", with: "&"))"
                guard let target = try? RequestTarget(link),
                    let format = target.query.first(where: { $0.name == "format" })?.value,
                    case .found(let route, _) = table.match(.get, target.segments)
                else { continue }
                let group = "\(route.id) \(format)"
                guard seen[group, default: []].count < 2, seen[group, default: []].insert(page).inserted
                else { continue }
                list.append(Address(route: route.id, path: link))
            }
        }
    }

    /// Both languages are asked for by a header.
    private static func withoutLanguage(_ link: String) -> String {
        let parts = link.split(separator: "?", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return link }
        let rest = parts[1].split(separator: "&").filter { !$0.hasPrefix("lang=") }.joined(separator: "&")
        return rest.isEmpty ? parts[0] : "\(parts[0])?\(rest)"
    }

    /// The addresses that a page leads to; for a form that asks, with the names of its fields.
    private static func links(_ html: String) -> [(String, [String])] {
        var found: [(String, [String])] = []
        for match in html.matches(of: /href="(\/[^"#]*)"/) {
            found.append((withoutLanguage(String(match.1).replacing("&amp;", with: "&")), []))
        }
        for form in html.matches(of: /<form[^>]*method="get"[^>]*action="(\/[^"]*)"[\s\S]*?<\/form>/) {
            let names = form.0.matches(of: /name="([A-Za-z][A-Za-z0-9._-]*)"/).map { String($0.1) }
            found.append((String(form.1), names))
        }
        return found
    }
}
