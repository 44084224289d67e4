using System.Globalization;

namespace Optc.Bench.Evaluation;

/// <summary>The command line: <c>evaluation MODEL.opt [--set name=value]… [--peers LIB] [--peer NAME]… [--asl LIB FILE.nl] …</c>.</summary>
internal sealed class Options
{
    public string Model { get; private set; } = "";

    public List<KeyValuePair<string, string>> Settings { get; } = [];

    /// <summary>The same for a small instance, on which methods get hot; the model itself where none is given.</summary>
    public List<KeyValuePair<string, string>> WarmSettings { get; } = [];

    /// <summary><c>auto</c>, <c>compiled</c> or <c>interpreted</c>.</summary>
    public string Kernels { get; private set; } = "auto";

    public string PeerLibrary { get; private set; } = "";

    public List<string> PeerNames { get; } = [];

    public string AslLibrary { get; private set; } = "";

    public string NlFile { get; private set; } = "";

    public int Repeats { get; private set; } = 15;

    public double BatchSeconds { get; private set; } = 0.002;

    /// <summary>One evaluation of each quantity, no repeats: for models that fill the memory.</summary>
    public bool Once { get; private set; }

    /// <summary>Values of n to compile at in turn, instead of all else: see <see cref="Growth"/>.</summary>
    public int[] Growth { get; private set; } = [];

    public static Options Parse(string[] args)
    {
        var options = new Options();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out string? word))
        {
            switch (word)
            {
                case "--set": options.Settings.Add(Pair(rest.Dequeue())); break;
                case "--warm": options.WarmSettings.Add(Pair(rest.Dequeue())); break;
                case "--peers": options.PeerLibrary = rest.Dequeue(); break;
                case "--peer": options.PeerNames.Add(rest.Dequeue()); break;
                case "--kernels": options.Kernels = rest.Dequeue(); break;
                case "--asl": (options.AslLibrary, options.NlFile) = (rest.Dequeue(), rest.Dequeue()); break;
                case "--repeats": options.Repeats = int.Parse(rest.Dequeue(), CultureInfo.InvariantCulture); break;
                case "--batch": options.BatchSeconds = double.Parse(rest.Dequeue(), CultureInfo.InvariantCulture); break;
                case "--growth": options.Growth = [.. rest.Dequeue().Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))]; break;
                case "--once": options.Once = true; break;
                default:
                    if (options.Model.Length > 0 || word.StartsWith('-')) throw new ArgumentException($"'{word}' means nothing here");
                    options.Model = word;
                    break;
            }
        }
        return options.Model.Length > 0 ? options : throw new ArgumentException("there is no model");
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new(text[..equals], text[(equals + 1)..]) : throw new ArgumentException($"'{text}' is not name=value");
    }
}
