public import Store

/// Pledges of integrity (科研诚信承诺): signed by whoever hands something in for an activity, with the words as they
/// stood, as a letter of the case and as an event about the person and the organisation.
public enum Pledges {
    /// The template of the letter; a city words it for itself.
    static let letter = "pledge"

    /// Signs for the person who hands in a case, and for the organisation for which it is filed.
    static func sign(_ context: ActionContext, _ activity: Bar.Activity, _ letters: Letters, _ tx: Tx) throws {
        guard letters.template(letter) != nil, !context.actor.isSystem else { return }
        let zone = context.procedures.zone
        let same = { (text: String) in Bilingual(text, text) }
        try letters.write(
            letter, caseID: context.file.id,
            values: [
                "name": same(context.actor.name), "number": same(context.file.number), "activity": activity.title,
                "time": same(zone.clockText(context.now)),
            ], at: context.now, zone: zone, tx)
        try note(
            activity, of: [context.actor.person?.text, context.file.organisation?.text].compactMap(\.self),
            matter: context.file.number, by: context.actor, at: context.now, tx)
    }

    /// Keeps that somebody pledged before an activity that is no case, such as judging in a round.
    public static func note(
        _ activity: Bar.Activity, of subjects: [String], matter: String, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        for subject in subjects {
            try Record.append(
                Event(
                    room: "registry", kind: "pledge.signed", subjectKind: "pledge", subject: subject, actor: actor,
                    at: now, content: ["activity": .string(activity.rawValue), "matter": .string(matter)]), tx)
        }
    }

    /// What somebody pledged, oldest first: for which activity, in which matter, when.
    public static func signed(
        by subject: String, limit: Int = 200, _ tx: Tx
    ) throws -> [(activity: Bar.Activity, matter: String, at: Instant)] {
        try Record.events(about: "pledge", subject, limit: limit, tx).compactMap { event in
            guard let activity = event.content["activity"]?.string.flatMap(Bar.Activity.init(rawValue:)) else {
                return nil
            }
            return (activity, event.content["matter"]?.string ?? "", event.at)
        }
    }
}
