using System.IO.Compression;

namespace Optc.Runtime.Readers;

/// <summary>
/// Reads linear and quadratic programs in MPS and QPS form, fixed or free, compressed by gzip or not
/// (sections of I. Maros, C. Mészáros, A repository of convex quadratic programming problems, 1999; docs/admm.md).
/// </summary>
public static class MpsReader
{
    /// <summary>Whether a file is read by this reader, by the end of its name.</summary>
    public static bool Handles(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string name = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        return name.EndsWith(".qps", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".mps", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The program in a file. Throws <see cref="MpsFormatException"/> for what is wrong in it.</summary>
    public static MpsModel ReadFile(string file, MpsLayout layout = MpsLayout.Automatic)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        if (!file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            using var plain = new StreamReader(stream);
            return Read(plain, layout);
        }
        try
        {
            using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            using var reader = new StreamReader(unpacked);
            return Read(reader, layout);
        }
        catch (InvalidDataException damage)
        {
            throw new MpsFormatException(0, $"the file ends in .gz but is not whole gzip data: {damage.Message}", "compress it again, or drop .gz from the name of a plain file");
        }
    }

    /// <summary>The program in a text.</summary>
    public static MpsModel Read(TextReader text, MpsLayout layout = MpsLayout.Automatic)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<string>();
        while (text.ReadLine() is { } line) lines.Add(line);
        if (layout != MpsLayout.Automatic) return new MpsSections(layout == MpsLayout.Fixed).Read(lines);
        try
        {
            return new MpsSections(isFixed: false).Read(lines);
        }
        catch (MpsFormatException free) when (free.IsLayout)
        {
            try
            {
                return new MpsSections(isFixed: true).Read(lines);
            }
            catch (MpsFormatException)
            {
                // The layout that nearly all files have today gives the message that helps.
                throw free;
            }
        }
    }
}
