import Foundation
import Kernel
import Portal
import Store

/// What machines ask of the house: whether it lives, whether it can work, and its counters.
struct OperationPages: Sendable {
    let house: House
    let traffic: Traffic
    let admission: Admission
    let pulse: Pulse

    var routes: [Route] {
        [
            Route(
                "health", .get, "/health", access: .everyone, summary: Bilingual("运行状况", "Health"), isWatching: true,
                handler: health),
            Route(
                "ready", .get, "/ready", access: .everyone, summary: Bilingual("能否受理", "Readiness"), isWatching: true,
                handler: ready),
            Route(
                "metrics", .get, "/metrics", access: .everyone, summary: Bilingual("运行指标", "Metrics"), isWatching: true,
                handler: metrics),
        ]
    }

    private func health(_ visit: Visit) async throws -> Answer {
        let one: Int = try await house.db.read { tx in try tx.value("SELECT 1") ?? 0 }
        return .json(["database": one == 1 ? "ok" : "broken", "day": house.today.description])
    }

    /// Whether the house can take work: 503 with what stands in the way, so that a proxy asks another process.
    private func ready(_ visit: Visit) async throws -> Answer {
        let state = try await OperationPages.readiness(house)
        return .json(state, status: state.values.allSatisfy { $0 == "ok" } ? 200 : 503)
    }

    /// What stands in the way of taking work, by its name; `ok` where nothing does.
    static func readiness(_ house: House) async throws -> [String: String] {
        var state = ["database": "ok", "files": "ok", "schema": "ok", "clock": "ok"]
        do {
            let now = house.clock.now()
            let (done, behind) = try await house.db.read { tx in
                (
                    try tx.value("SELECT COUNT(*) FROM migration") ?? 0 as Int,
                    try ClockWatch.secondsBehind(now, tx)
                )
            }
            if done < Services.migrations.flatMap(\.steps).count { state["schema"] = "behind" }
            if behind > 0 { state["clock"] = "\(counted(behind, "second")) behind the record" }
        } catch {
            state["database"] = "unreachable"
        }
        let files = house.files
        if try await !Blocking.run({ files.canWrite }) { state["files"] = "not writable" }
        return state
    }

    /// Only for the machine itself and for whoever has the operators' token: to others there is nothing here.
    private func metrics(_ visit: Visit) async throws -> Answer {
        guard visit.isOperator else { throw RequestProblem.nothingHere }
        let stock = try await house.db.read { tx -> [(String, Int)] in
            [
                ("record_leaves", try Record.size(tx)),
                ("record_signed_leaves", try RecordStore.latest(tx)?.size ?? 0),
                ("record_conflicts", try tx.value("SELECT COUNT(*) FROM record_conflict") ?? 0),
                ("mail_waiting", try tx.value("SELECT COUNT(*) FROM mail_outbox WHERE state = 'waiting'") ?? 0),
                ("sessions", try tx.value("SELECT COUNT(*) FROM session WHERE ends_at > \(visit.now)") ?? 0),
                ("incidents_open", try IncidentStore.countOpen(tx)),
                ("events_unplaced", try tx.value("SELECT COUNT(*) FROM record_waiting") ?? 0),
            ]
        }
        var text = ""
        for (name, value) in stock { text += "# TYPE kechuang_\(name) gauge\nkechuang_\(name) \(value)\n" }
        text += ProcessFigures.prometheus + pulse.prometheus + admission.prometheus + traffic.prometheus
        return .bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// What the system says of this process, under the names that Prometheus' own clients use.
enum ProcessFigures {
    static var prometheus: String {
        var text = ""
        let statm = FileManager.default.contents(atPath: "/proc/self/statm").map { String(decoding: $0, as: UTF8.self) }
        if let pages = statm?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
            text += "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes \(pages * 4_096)\n"
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            text += "# TYPE process_open_fds gauge\nprocess_open_fds \(open)\n"
        }
        return text
    }
}
