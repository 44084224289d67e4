using System.Globalization;

namespace Optc.Runtime.Solvers;

/// <summary>One option of a solver that can be set by name.</summary>
/// <typeparam name="T">The (immutable) options type.</typeparam>
/// <param name="Name">Name as written on the command line, such as <c>tolerance</c>.</param>
/// <param name="Range">What values are legal, for people.</param>
/// <param name="Description">What it does.</param>
/// <param name="Default">The default, as text.</param>
/// <param name="Set">Options with the value put in; throws <see cref="FormatException"/> when the text is not a value.</param>
public sealed record OptionEntry<T>(string Name, string Range, string Description, string Default, Func<T, string, T> Set);

/// <summary>The options of a solver by name, for <c>--option key=value</c>.</summary>
/// <typeparam name="T">The (immutable) options type.</typeparam>
public sealed class OptionTable<T>(IReadOnlyList<OptionEntry<T>> entries)
    where T : new()
{
    /// <summary>The entries in the order of the documentation.</summary>
    public IReadOnlyList<OptionEntry<T>> Entries { get; } = entries;

    /// <summary>Options with one more value set; an unknown key or a bad value is an <see cref="ArgumentException"/> that names the remedy.</summary>
    public T With(T options, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        OptionEntry<T>? entry = Entries.FirstOrDefault(e => string.Equals(e.Name, key, StringComparison.OrdinalIgnoreCase));
        if (entry is null)
        {
            IEnumerable<string> nearest = Entries.Select(e => e.Name).OrderBy(name => Distance(name, key)).ThenBy(name => name, StringComparer.Ordinal).Take(3);
            throw new ArgumentException($"Unknown option '{key}'; the nearest are {string.Join(", ", nearest)}.");
        }
        try
        {
            return entry.Set(options, value);
        }
        catch (FormatException)
        {
            throw new ArgumentException($"Option '{entry.Name}' cannot be '{value}'; it takes {entry.Range}.");
        }
    }

    /// <summary>Throws an <see cref="ArgumentException"/> with the option's range unless its value is legal.</summary>
    public void Require(bool holds, string name, double value)
    {
        if (holds) return;
        string range = Entries.First(e => e.Name == name).Range;
        throw new ArgumentException($"Option '{name}' cannot be {value.ToString(CultureInfo.InvariantCulture)}; it takes {range}.");
    }

    /// <summary>An option that is a number.</summary>
    public static OptionEntry<T> Number(string name, string range, string description, Func<T, double> get, Func<T, double, T> set) =>
        new(name, range, description, get(new()).ToString("R", CultureInfo.InvariantCulture), (o, text) => set(o, Number(text)));

    /// <summary>An option that is a whole number.</summary>
    public static OptionEntry<T> Whole(string name, string range, string description, Func<T, int> get, Func<T, int, T> set) =>
        new(name, range, description, get(new()).ToString(CultureInfo.InvariantCulture), (o, text) => set(o, Whole(text)));

    /// <summary>An option that is on or off.</summary>
    public static OptionEntry<T> Flag(string name, string description, Func<T, bool> get, Func<T, bool, T> set) =>
        new(name, "yes or no", description, get(new()) ? "yes" : "no", (o, text) => set(o, Flag(text)));

    /// <summary>A number in the invariant culture.</summary>
    public static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A whole number; <c>1e6</c> is one too.</summary>
    public static int Whole(string text)
    {
        double value = Number(text);
        return value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? (int)value : throw new FormatException();
    }

    /// <summary>yes, no, true, false, 1, 0.</summary>
    public static bool Flag(string text) => text.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "1" or "ON" => true,
        "NO" or "FALSE" or "0" or "OFF" => false,
        _ => throw new FormatException(),
    };

    /// <summary>Levenshtein's distance, letters compared without case.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
