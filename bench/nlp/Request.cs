namespace Optc.Bench.Nlp;

/// <summary>One model to solve.</summary>
/// <param name="Model">The file.</param>
/// <param name="Settings">Parameters set over the file's own data.</param>
/// <param name="Tolerance">Residuals at which it is solved.</param>
/// <param name="MaxIterations">Newton steps at most.</param>
/// <param name="TimeLimit">Seconds for a solve.</param>
/// <param name="Repeats">Solves at most.</param>
/// <param name="Budget">Seconds after which no more solves are begun.</param>
internal sealed record Request(
    string Model, Dictionary<string, string> Settings, double Tolerance, int MaxIterations, double TimeLimit, int Repeats, double Budget);
