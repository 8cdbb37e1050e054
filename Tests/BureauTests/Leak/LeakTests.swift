import Foundation
import Kernel
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Bureau
@testable import Portal

/// Whoever may not know a secret does not learn it: neither from a page nor from an error, an export, a search, a
/// count, a mail or the log.
///
/// A cell is an address as somebody: every route, with the values and query fields that pages lead to, as every role in
/// every relation to the cases. A sample is drawn by a seed that is printed; `KECHUANG_LEAK=all` takes every cell, and
/// `KECHUANG_LEAK_SEED` a seed.
@Suite("Leaks", .serialized, .timeLimit(.minutes(60)))
struct LeakTests {
    private static let environment = ProcessInfo.processInfo.environment
    static let takesAll = environment["KECHUANG_LEAK"] == "all"
    static let seed = environment["KECHUANG_LEAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)

    /// Some of many, always with the first of each group.
    static func sample<T>(_ all: [T], _ count: Int, group: (T) -> String) -> [T] {
        guard !takesAll, all.count > count else { return all }
        var random = SeededRandom(seed: seed)
        var groups: Set<String> = []
        var (firsts, rest): ([T], [T]) = ([], [])
        for one in all.shuffled(using: &random) {
            if groups.insert(group(one)).inserted { firsts.append(one) } else { rest.append(one) }
        }
        return firsts + rest.prefix(max(0, count - firsts.count))
    }

    struct Cell: Sendable {
        let address: LeakAddresses.Address
        let guest: LeakWorld.Guest
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data("leak matrix: \(text)\n".utf8)) }

    @Test("No secret is in any answer to somebody who may not know it, nor in the log", arguments: TestStore.engines)
    func matrix(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        let all = addresses.list.flatMap { address in world.guests.map { Cell(address: address, guest: $0) } }
        // The engines differ in nothing that a page could tell, so the second gets a smaller sample.
        let cells = Self.sample(all, engine == .sqlite ? 3_000 : 800) {
            engine == .sqlite ? "\($0.address.route) \($0.guest.name)" : $0.address.route
        }
        Self.say(
            "\(engine): \(cells.count) of \(all.count) cells (\(addresses.list.count) addresses of "
                + "\(knocker.table.routes.filter(\.isReading).count - addresses.unreached.count) reading routes, "
                + "\(world.guests.count) relations, \(world.secrets.count) secrets), seed \(Self.seed)")
        let seen = try await walk(cells, in: world, knocker)
        // The matrix is not blind: whoever may know a secret finds it.
        let open = world.secrets.filter { !$0.knowers.isEmpty && !Self.onlyRevealed.contains($0.name) }
        // A sample may miss the few places where one stands.
        for secret in open where !seen.contains(secret.name) && Self.takesAll {
            Issue.record("nobody found \(secret.name), who may know it: the matrix does not look where it stands")
        }
        let log = knocker.log.text.withLock { $0.lowercased() }
        #expect(log.contains("request"))
        for secret in world.secrets { #expect(!log.contains(secret.word), "the log holds \(secret.name)") }
    }

    /// Knocks at cells of a world.
    /// - Returns: the secrets that were found by right.
    func walk(_ cells: [Cell], in world: LeakWorld, _ knocker: Knocker) async throws -> Set<String> {
        var seen: Set<String> = []
        var refused = 0
        for cell in cells {
            let language = Language.allCases[(cell.address.path.utf8.count + cell.guest.name.utf8.count) % 2]
            let reply = await knocker.get(cell.address.path, as: cell.guest.actor, cell.guest.name, language: language)
            #expect(reply.status < 500, "\(cell.address.path) as \(cell.guest.name)")
            if reply.status >= 300 { refused += 1 }
            seen.formUnion(try check(reply, cell, world))
        }
        #expect(refused > cells.count / 10)
        return seen
    }

    /// Shown on request, with a reason that is noted.
    private static let onlyRevealed: Set<String> = ["a tip's contact", "an objector's contact", "an objector's name"]

    /// Reports secrets that do not belong into an answer.
    /// - Returns: those that are in it by right.
    func check(_ reply: Knocker.Reply, _ cell: Cell, _ world: LeakWorld) throws -> Set<String> {
        let bytes = try LeakSearch.bytes(reply)
        var found: Set<String> = []
        for secret in world.secrets where LeakSearch.contains(secret.word, in: bytes) {
            found.insert(secret.name)
            if !secret.knowers.contains(cell.guest.name) {
                Issue.record(
                    """
                    \(cell.guest.name) learns \(secret.name) at \(cell.address.path) (\(cell.address.route)): \
                    \(LeakSearch.context(secret.word, in: bytes))
                    """)
            }
        }
        return found
    }

    @Test(
        "Two worlds that differ only in secrets answer alike to who may not know them, byte by byte",
        arguments: TestStore.engines)
    func twoWorlds(engine: Engine) async throws {
        let one = try await LeakWorld.open(engine)
        let other = try await LeakWorld.open(engine) { tx in try OtherWorld.change(tx) }
        let knockers = (try Knocker(one.services), try Knocker(other.services))
        let addresses = try await LeakWorlds.addresses(engine)
        let guests = try OtherWorld.unknowing.map { try one.guest($0) }
        // A workbook says when it was made.
        let files = addresses.exports.filter { $0.path.hasSuffix("=csv") }
        let all = (addresses.list + files).flatMap { address in guests.map { Cell(address: address, guest: $0) } }
        let cells = Self.sample(all, engine == .sqlite ? 900 : 300) {
            "\($0.address.route) \($0.address.path.hasSuffix("=csv"))"
        }
        Self.say("\(engine): \(cells.count) of \(all.count) cells in two worlds, seed \(Self.seed)")
        for cell in cells {
            let left = await knockers.0.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            let right = await knockers.1.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            if left != right {
                Issue.record(
                    """
                    \(cell.guest.name) can tell the worlds apart at \(cell.address.path): \
                    \(LeakSearch.difference(left, right))
                    """)
            }
        }
        // The worlds do differ, for those who may know.
        let officer = try one.guest("officer")
        var differing = 0
        for address in addresses.list where differing <= 5 {
            let left = await knockers.0.get(address.path, as: officer.actor, officer.name)
            if left != (await knockers.1.get(address.path, as: officer.actor, officer.name)) { differing += 1 }
        }
        #expect(differing > 5)
    }

    @Test("Asking for a secret by any query field gives what asking for nonsense gives", arguments: TestStore.engines)
    func fields(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        struct Question: Sendable {
            let path: String
            let field: String
            let secret: LeakWorld.Secret
            let guest: LeakWorld.Guest
        }
        var all: [Question] = []
        for (path, names) in addresses.fields {
            for field in names {
                for secret in world.secrets where secret.word.hasPrefix("qz") {
                    for guest in world.guests where !secret.knowers.contains(guest.name) {
                        all.append(Question(path: path, field: field, secret: secret, guest: guest))
                    }
                }
            }
        }
        let questions = Self.sample(all, engine == .sqlite ? 700 : 200) {
            engine == .sqlite ? "\($0.path) \($0.field)" : $0.field
        }
        Self.say("\(engine): \(questions.count) of \(all.count) questions by query field, seed \(Self.seed)")
        for question in questions {
            let word = question.secret.word
            // As long as the word and made of the same letters, so that nothing but its meaning differs.
            let nonsense = "qz" + word.dropFirst(2).reversed()
            let left = await ask(question.path, question.field, word, question.guest, knocker)
            let right = await ask(question.path, question.field, nonsense, question.guest, knocker)
            if left != right {
                Issue.record(
                    "\(question.guest.name) learns of \(question.secret.name) by \(question.field) at \(question.path)")
            }
        }
    }

    /// The answer without the word that was asked for, which a page may repeat.
    func ask(
        _ path: String, _ field: String, _ word: String, _ guest: LeakWorld.Guest, _ knocker: Knocker
    ) async -> String {
        let reply = await knocker.get("\(path)?\(field)=\(word)", as: guest.actor, guest.name)
        #expect(reply.status < 500, "\(path)?\(field)")
        return "\(reply.status)\(reply.text.replacing(word, with: "…"))"
    }

    @Test("Refusing what somebody may not do tells no secret either", arguments: TestStore.engines)
    func refusals(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        let unknowing = try OtherWorld.unknowing.map { try world.guest($0) }
        var cells: [(Route, String, LeakWorld.Guest)] = []
        for route in knocker.table.routes where !route.isReading {
            let paths = LeakAddresses.filled(route, addresses.values)
            for path in paths { for guest in unknowing { cells.append((route, path, guest)) } }
        }
        let some = Self.sample(cells, engine == .sqlite ? 500 : 200) { $0.0.id }
        Self.say(
            "\(engine): \(some.count) of \(cells.count) cells of addresses that change something, seed \(Self.seed)")
        for (route, path, guest) in some {
            let reply = await knocker.post(route, path, as: guest.actor, guest.name)
            #expect(reply.status < 500, "\(route.id) \(path) as \(guest.name)")
            let address = LeakAddresses.Address(route: route.id, path: path)
            _ = try check(reply, Cell(address: address, guest: guest), world)
        }
        let log = knocker.log.text.withLock { $0.lowercased() }
        for secret in world.secrets { #expect(!log.contains(secret.word), "the log holds \(secret.name)") }
    }
}
