import Kernel
import Store

/// Guards and effects of large instruments: the threshold, and bookings that never give an hour twice.
struct InstrumentHooks: Sendable {
    static let register = "basic.instruments"

    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["basic.threshold"] = { context, tx in
            let price = try CaseValues.all(of: context.file.id, tx)["price"]?.integer ?? 0
            let least = try city.rules.money("basic.instrument.least", on: context.day)
            guard price < least.fen else { return [] }
            return [
                FieldProblem(
                    field: "price", code: "basic.threshold",
                    message: Bilingual(
                        "原值 \(least.yuanText) 元以上的仪器才纳入", "Only instruments from RMB \(least.yuanText) are registered"),
                    basis: try city.rules.dated("basic.instrument.least", on: context.day).source.cited)
            ]
        }
        hooks.guards["basic.slot"] = { context, tx in try slotProblems(context.file, on: context.day, tx) }
        hooks.guards["basic.slot-free"] = { context, tx in
            guard let booking = try context.file.parent.flatMap({ try CaseStore.find($0, tx) }) else { return [] }
            return try slotProblems(booking, on: context.day, tx)
        }
        hooks.effects["basic.ask-owner"] = { context, tx in try ask(context, tx) }
        hooks.effects["basic.booking-accepted"] = { context, tx in
            try answer(context, given: true, "book", tx)
        }
        hooks.effects["basic.booking-declined"] = { context, tx in
            try answer(context, given: false, "decline", tx)
        }
        hooks.effects["basic.booking-used"] = { context, tx in
            guard let parent = context.file.parent, try CaseStore.require(parent, tx).step == "booked" else { return }
            try context.procedures.act(parent, "used", as: .system, at: context.now, in: tx)
        }
        hooks.effects["basic.cancelled"] = { context, tx in
            try tx.run("UPDATE basic_booking SET is_given = \(false) WHERE case_id = \(context.file.id)")
            try child(context, "cancelled", at: "booked", tx)
        }
        hooks.effects["basic.unanswered"] = { context, tx in try child(context, "lapse", at: "answer", tx) }
    }

    private func problem(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "basic.slot", message: Bilingual(zh, en))
    }

    private struct Slot {
        let entry: RegisterEntry
        let day: Day
        let from: Int64
        let to: Int64
    }

    private func slot(_ file: CaseFile, _ tx: Tx) throws -> Slot? {
        let values = try CaseValues.all(of: file.id, tx)
        guard let number = values[RegisterHooks.entryField]?.string,
            let entry = try RegisterStore.find(Self.register, number, tx),
            let day = values["day"]?.string.flatMap({ Day($0) }), let from = values["from-hour"]?.integer,
            let hours = values["hours"]?.integer
        else { return nil }
        return Slot(entry: entry, day: day, from: from, to: from + hours)
    }

    private func slotProblems(_ file: CaseFile, on today: Day, _ tx: Tx) throws -> [FieldProblem] {
        guard let slot = try slot(file, tx) else { return [] }
        var found: [FieldProblem] = []
        if slot.day < today { found.append(problem("day", "不能预约过去的日期", "The day is over")) }
        if slot.to > 24 { found.append(problem("hours", "预约不能跨日，请分次预约", "A booking ends by midnight; book twice")) }
        if slot.entry.state != "active" {
            found.append(problem("", "该仪器已停用", "The instrument is out of use"))
        }
        if slot.entry.organisation == nil {
            found.append(problem("", "该仪器的所属单位不在本平台，不能在线预约", "Its owner is not on this platform: no booking online"))
        }
        let taken: Int? = try tx.value(
            """
            SELECT 1 FROM basic_booking WHERE entry = \(slot.entry.number) AND day = \(slot.day)
                AND is_given = \(true) AND from_hour < \(slot.to) AND to_hour > \(slot.from)
                AND case_id <> \(file.id) LIMIT 1
            """)
        if taken != nil { found.append(problem("from-hour", "该时段已被预约", "These hours are given already")) }
        return found
    }

    private func ask(_ context: ActionContext, _ tx: Tx) throws {
        guard let slot = try slot(context.file, tx) else { return }
        try tx.run(
            """
            INSERT INTO basic_booking (case_id, entry, day, from_hour, to_hour, is_given)
            VALUES (\(context.file.id), \(slot.entry.number), \(slot.day), \(slot.from), \(slot.to), \(false))
            """)
        try context.procedures.open(
            CaseFile(
                id: ID(UUIDv7.make(at: context.now)), procedure: "basic.booking-answer",
                number: "\(context.file.number)-D",
                title: Bilingual(
                    "仪器预约答复：\(slot.entry.name) \(slot.day) \(slot.from)–\(slot.to) 时",
                    "Answering a booking: \(slot.entry.name) \(slot.day) \(slot.from)–\(slot.to) h"),
                organisation: slot.entry.organisation, applicant: nil, division: context.file.division,
                parent: context.file.id, openedAt: context.now),
            as: .system, at: context.now, in: tx)
    }

    private func answer(_ context: ActionContext, given: Bool, _ action: String, _ tx: Tx) throws {
        guard let parent = context.file.parent else { return }
        try tx.run("UPDATE basic_booking SET is_given = \(given) WHERE case_id = \(parent)")
        let booking = try context.procedures.act(parent, action, as: .system, at: context.now, in: tx)
        guard let account = booking.applicant else { return }
        try Messages.tell(
            account,
            Bilingual("\(booking.number)：\(context.action.done.zh)", "\(booking.number): \(context.action.done.en)"),
            Bilingual("您的仪器预约有了答复。", "Your booking was answered."), at: "/cases/\(booking.id)", now: context.now, tx)
    }

    private func child(_ context: ActionContext, _ action: String, at step: String, _ tx: Tx) throws {
        for file in try CaseStore.children(of: context.file.id, tx) where file.step == step {
            try context.procedures.act(file.id, action, as: .system, at: context.now, in: tx)
        }
    }
}
