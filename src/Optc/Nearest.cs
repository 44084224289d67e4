using Optc.Parser;

namespace Optc.Cli;

/// <summary>Suggestions for names that are nearly right.</summary>
internal static class Nearest
{
    /// <summary><c>; did you mean X?</c>, or nothing when no candidate is near.</summary>
    public static string Suggestion(string name, IReadOnlyList<string> candidates)
    {
        string? near = Suggest.nearest(candidates, name)?.Value;
        return near is null ? "" : $"; did you mean {near}?";
    }
}
