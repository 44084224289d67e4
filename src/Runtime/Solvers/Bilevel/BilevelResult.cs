using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>The answer to a bilevel program.</summary>
public sealed class BilevelResult
{
    /// <summary>
    /// Status, joint point and multipliers: of the leader's rows and variables the leader's, of the followers' the followers'. The
    /// residuals are stationarity and complementarity of the leader's last problem (those of the followers where none was solved
    /// at the point) and the feasibility of both levels.
    /// </summary>
    public required SolveResult Result { get; init; }

    /// <summary>What was found of the followers.</summary>
    public required BilevelReport Report { get; init; }
}
