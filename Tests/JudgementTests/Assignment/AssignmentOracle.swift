import Foundation
import Testing

/// Requests of assignment as linear and integer programs, written afresh for the solvers of OR-tools.
enum AssignmentOracle {
    /// What comes out for a ``LimitedInstance``; nothing but the seed where the forced pairs break a limit.
    struct Answer: Decodable, Sendable {
        struct Fair: Decodable, Sendable {
            /// The most that the worst-off can have: in parts of seats, in whole ones, and where the total keeps its
            /// price as well.
            let worstRelaxed: Double
            let worst: Int64
            let pricedWorst: Int64
            /// The best total that leaves the worst-off what ``LimitedInstance/reached`` says; nil where none keeps the
            /// price.
            let total: Int64?
        }

        let seed: UInt64
        /// Seats, missed minima and total of the best assignment; and of the best probabilities.
        let whole: [Int]?
        let parts: [Double]?
        let perturbed: Double?
        let fair: Fair?
    }

    /// All instances in one run, because starting the solvers takes longer than solving.
    static func answers(_ instances: [LimitedInstance]) throws -> [Answer] {
        let lines = try instances.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let text = try #require(try Outside.python(limited, input: lines.joined(separator: "\n")))
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
    }

    /// A published file of scores, and what is asked about it.
    struct Question: Encodable, Sendable {
        let file: String
        let seats: Int
        let load: Int
        /// What the worst-off has at least, one after the other.
        let floors: [Double]
        /// Caps in parts of 1024.
        let caps: [Int]
    }

    struct Optima: Decodable, Sendable {
        let total: Double
        /// The most that the worst-off can have.
        let worst: Double
        /// The best total for each floor, nil where it cannot be kept; and for each cap.
        let floors: [Double?]
        let caps: [Double]
    }

    static func optima(_ question: Question) throws -> Optima {
        let text = String(decoding: try JSONEncoder().encode(question), as: UTF8.self)
        let answer = try #require(try Outside.python(published, input: text))
        return try JSONDecoder().decode(Optima.self, from: Data(answer.utf8))
    }

    private static let limited = """
        import json, sys
        from ortools.linear_solver import pywraplp

        class Program:
            # Whole seats for SCIP, or parts of seats for GLOP, where each pair has pieces up to the cap together.
            def __init__(self, one, whole, cap=1, pieces=1):
                self.solver = s = pywraplp.Solver.CreateSolver("SCIP" if whole else "GLOP")
                self.slack = 0 if whole else 1e-7
                self.missed, self.pieces, held = [], [], {}
                number = s.IntVar if whole else s.NumVar
                forbidden, forced = ({tuple(p) for p in one[k]} for k in ("forbidden", "forced"))
                for a, e, score in one["pairs"]:
                    pair, floor = (a, e), one.get("leastScore", score)
                    if pair in forced:
                        held[pair] = number(0, 1, "")
                        s.Add(held[pair] == (2 if pair in forbidden else 1))
                    elif pair in forbidden or score < floor:
                        held[pair] = 0
                    else:
                        own = [number(0, cap / pieces, "") for _ in range(pieces)]
                        self.pieces += [(v, score, place) for place, v in enumerate(own)]
                        held[pair] = sum(own)
                applications, experts = range(len(one["demand"])), range(one["experts"])

                def limit(seats, least, most):
                    seats = sum(seats)
                    s.Add(0 + seats <= most)
                    if least > 0:
                        missed = number(0, least, "")
                        s.Add(seats + missed >= least)
                        self.missed.append(missed)

                for e in experts: limit([held[a, e] for a in applications], *one["load"][e])
                groups = [(g["isTogether"], g["experts"], g["least"], g["most"]) for g in one["groups"]]
                if "institutionCap" in one:
                    for name in {n for n in one["institutions"] if n is not None}:
                        own = [e for e in experts if one["institutions"][e] == name]
                        groups.append((False, own, 0, one["institutionCap"]))
                for together, own, least, most in groups:
                    if together: limit([held[a, e] for a in applications for e in own], least, most)
                    else:
                        for a in applications: limit([held[a, e] for e in own], least, most)
                for a in applications: limit([held[a, e] for e in experts], 0, one["demand"][a])
                self.seats, self.total = sum(held.values()), sum(held[a, e] * x for a, e, x in one["pairs"])
                self.sums = [sum(held[a, e] * x for b, e, x in one["pairs"] if b == a)
                             for a in applications if one["demand"][a] > 0]

            def most(self, what):
                self.solver.Maximize(what)
                state = self.solver.Solve()
                assert state in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE), state
                return self.solver.Objective().Value() if state == pywraplp.Solver.OPTIMAL else None

            def fixed(self, what):
                value = self.most(what)
                if value is not None: self.solver.Add(what >= value - self.slack)
                return value

            # Most seats, then fewest missed minima; what comes after keeps both.
            def fill(self):
                seats = self.fixed(0 + self.seats)
                return None if seats is None else (seats, -self.fixed(-sum(self.missed)) if self.missed else 0)

        def answer(one):
            whole = Program(one, True)
            filled = whole.fill()
            if filled is None: return {"seed": one["seed"]}
            best = whole.most(whole.total)
            parts = Program(one, False, one["cap"] / 8)
            result = {"seed": one["seed"], "whole": [*map(round, (*filled, best))],
                      "parts": [*parts.fill(), parts.most(parts.total)]}
            if all(x >= 0 for _, _, x in one["pairs"]):
                pieces = Program(one, False, one["cap"] / 8, 8)
                pieces.fill()
                worth = [v * x * (1 - one["percent"] / 100 * (place + 0.5) / 8) for v, x, place in pieces.pieces]
                result["perturbed"] = pieces.most(0 + sum(worth))
            if whole.sums:
                relaxed = Program(one, False)
                relaxed.fill()
                for p in relaxed, whole:
                    p.worst = p.solver.NumVar(-1e9, 1e9, "")
                    for own in p.sums: p.solver.Add(own >= p.worst)
                fair = {"worstRelaxed": relaxed.most(relaxed.worst), "worst": round(whole.most(whole.worst))}
                whole.solver.Add(whole.total >= round(best) - abs(round(best)) * one["perMille"] // 1000)
                fair["pricedWorst"] = round(whole.most(whole.worst))
                whole.solver.Add(whole.worst >= one["reached"])
                total = whole.most(whole.total)
                fair["total"] = None if total is None else round(total)
                result["fair"] = fair
            return result

        for line in open(sys.argv[1]): print(json.dumps(answer(json.loads(line))))
        """

    private static let published = """
        import csv, json, sys
        from ortools.linear_solver import pywraplp
        one = json.load(open(sys.argv[1]))
        solver, far = pywraplp.Solver.CreateSolver("GLOP"), pywraplp.Solver.infinity()
        goal, worst = solver.Objective(), solver.NumVar(0, 0, "")
        goal.SetMaximization()
        seats, loads, sums, pairs = {}, {}, {}, []
        for row in csv.DictReader(open(one["file"])):
            a, e, score = row["application"], row["expert"], float(row["score"])
            if a not in seats:
                seats[a], sums[a] = solver.Constraint(one["seats"], one["seats"]), solver.Constraint(-far, far)
                sums[a].SetCoefficient(worst, -1)
            if e not in loads: loads[e] = solver.Constraint(0, one["load"])
            if row["conflict"] == "1": continue
            pair = solver.NumVar(0, 1, "")
            for limit, weight in ((seats[a], 1), (loads[e], 1), (sums[a], score), (goal, score)):
                limit.SetCoefficient(pair, weight)
            pairs.append((pair, score))

        def most(least=-far):
            for limit in sums.values(): limit.SetBounds(least, far)
            return goal.Value() if solver.Solve() == pywraplp.Solver.OPTIMAL else None

        def weigh(total):
            for pair, score in pairs: goal.SetCoefficient(pair, score if total else 0)
            goal.SetCoefficient(worst, 0 if total else 1)
            worst.SetBounds(0 if total else -far, 0 if total else far)

        answer = {"total": most(), "floors": [most(least) for least in one["floors"]], "caps": []}
        weigh(False)
        answer["worst"] = most(0)
        weigh(True)
        for cap in one["caps"]:
            for pair, _ in pairs: pair.SetUb(cap / 1024)
            answer["caps"].append(most())
        print(json.dumps(answer))
        """
}
