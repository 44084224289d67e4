using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>
/// A search of the leader's variables along the axes (compass search; Kolda, Lewis and Torczon 2003) from the best answer: it sees
/// the followers' answers as they are, where these jump and where no multipliers exist, and leaves valleys in which the problems
/// with derivatives end. What it finds is a start for these.
/// </summary>
internal sealed partial class BilevelRun
{
    /// <summary>Most variables of the leader for which the search pays.</summary>
    private const int MostSearched = 8;

    /// <summary>Most decisions that are tried.</summary>
    private const int MostTrials = 300;

    /// <summary>Halvings of the first step: to leave a valley, and to close in on an answer without multipliers of the leader.</summary>
    private const int CoarseHalvings = 5;
    private const int FineHalvings = 32;

    /// <summary>Relative fall of the leader's objective that counts.</summary>
    private const double Fall = 1e-6;

    private void Search()
    {
        INlpProblem joint = _problem.Joint;
        int[] leader = [.. Enumerable.Range(0, _n).Where(j => _problem.FollowerOf[j] < 0)];
        if (leader.Length == 0 || leader.Length > MostSearched || _candidates.Count == 0) return;
        int trials = 0;
        BilevelCandidate best = Best();
        for (int halving = 0; halving < (best.Leader is null ? FineHalvings : CoarseHalvings);)
        {
            BilevelCandidate before = best;
            foreach (int j in leader)
            {
                double range = joint.VariableUpper[j] - joint.VariableLower[j];
                double size = range <= 1e4 ? 0.5 * range : Math.Max(1.0, Math.Abs(best.Point[j]));
                for (int side = -1; side <= 1; side += 2)
                {
                    if (IsOver || trials >= MostTrials) return;
                    double moved = Math.Clamp(best.Point[j] + (side * Math.ScaleB(size, -halving)), joint.VariableLower[j], joint.VariableUpper[j]);
                    if (moved == best.Point[j]) continue;
                    trials++;
                    var point = (double[])best.Point.Clone();
                    point[j] = moved;
                    FollowerAnswer answer = Ask(point, []);
                    if (answer.IsSolved) Respond(point, answer);
                    best = Best();
                }
            }
            bool hasFallen = best.Objective < before.Objective - (Fall * Math.Max(1.0, Math.Abs(before.Objective)));
            if (!hasFallen)
            {
                halving++;
                continue;
            }
            // Coarse steps are for finding valleys: their floor is found by derivatives.
            if (halving <= CoarseHalvings) From(best.Point);
            best = Best();
        }
    }

    private BilevelCandidate Best() => Best(_candidates);
}
