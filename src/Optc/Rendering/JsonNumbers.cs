using System.Text.Json;

namespace Optc.Cli.Rendering;

/// <summary>Numbers in JSON, which has neither infinities nor NaN.</summary>
internal static class JsonNumbers
{
    /// <summary>The number, or null when it is not finite.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
