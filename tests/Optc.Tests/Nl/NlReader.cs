using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Optc.Tests.Nl;

/// <summary>Reads a .nl file of either form into lines that do not depend on the form. Knows the grammar, not the meaning.</summary>
internal sealed class NlReader
{
    private const int HeaderLines = 10;
    private readonly byte[] _bytes;
    private readonly bool _isBinary;
    private readonly List<string> _lines = [];
    private int _at;

    private NlReader(byte[] bytes) => (_bytes, _isBinary) = (bytes, bytes[0] == (byte)'b');

    /// <summary>The items of a file; the header without its letter and kind of arithmetic.</summary>
    public static List<string> Read(string file)
    {
        var reader = new NlReader(File.ReadAllBytes(file));
        reader.ReadAll();
        return reader._lines;
    }

    private void ReadAll()
    {
        int[] sizes = [];
        for (int k = 0; k < HeaderLines; k++)
        {
            int end = Array.IndexOf(_bytes, (byte)'\n', _at);
            string line = Encoding.UTF8.GetString(_bytes, _at, end - _at);
            _at = end + 1;
            if (k == 1) sizes = [.. line.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
            if (k == 5) line = line.Replace($" 0 0 {(_isBinary ? 1 : 0)} 1\t", " 0 0 . 1\t", StringComparison.Ordinal);
            _lines.Add(k == 0 ? line[1..] : line);
        }
        while (_at < _bytes.Length) Segment(Key(), sizes[0], sizes[1]);
    }

    private void Segment(char key, int variables, int constraints)
    {
        switch (key)
        {
            case 'C':
                Say($"C {Integer()}");
                EndLine();
                Expression();
                break;
            case 'O':
                Say($"O {Integer()} {Integer()}");
                EndLine();
                Expression();
                break;
            case 'V':
                int number = Integer(), count = Integer();
                Say($"V {number} {count} {Integer()}");
                EndLine();
                Entries(count);
                Expression();
                break;
            case 'x':
                count = Integer();
                Say($"x {count}");
                EndLine();
                Entries(count);
                break;
            case 'J' or 'G':
                number = Integer();
                count = Integer();
                Say($"{key} {number} {count}");
                EndLine();
                Entries(count);
                break;
            case 'k':
                count = Integer();
                Say($"k {count}");
                EndLine();
                for (int i = 0; i < count; i++)
                {
                    Say($"{Integer()}");
                    EndLine();
                }
                break;
            case 'r' or 'b':
                Say($"{key}");
                EndLine();
                for (int i = 0; i < (key == 'r' ? constraints : variables); i++) Bounds(Key());
                break;
            default:
                throw new InvalidDataException($"segment {key} at {_at}");
        }
    }

    private void Entries(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int index = Integer();
            Say($"{index} {Real():R}");
            EndLine();
        }
    }

    private void Bounds(char kind)
    {
        switch (kind)
        {
            case '0': Say($"0 {Real():R} {Real():R}"); break;
            case '1' or '2' or '4': Say($"{kind} {Real():R}"); break;
            case '3': _lines.Add("3"); break;
            case '5': Say($"5 {Integer()} {Integer()}"); break;
            default: throw new InvalidDataException($"bound {kind} at {_at}");
        }
        EndLine();
    }

    private void Expression()
    {
        // Expressions still to read, instead of recursion.
        int open = 1;
        while (open > 0)
        {
            open--;
            char key = Key();
            switch (key)
            {
                case 'n':
                    Say($"n {Real():R}");
                    EndLine();
                    break;
                case 's':
                    Say($"n {(double)Short():R}");
                    break;
                case 'v':
                    Say($"v {Integer()}");
                    EndLine();
                    break;
                case 'o':
                    int opcode = Integer();
                    Say($"o {opcode}");
                    EndLine();
                    open += Operands(opcode);
                    break;
                default:
                    throw new InvalidDataException($"{key} in an expression at {_at}");
            }
        }
    }

    private int Operands(int opcode)
    {
        switch (opcode)
        {
            case 11 or 12 or 54:
                int count = Integer();
                Say($"{count}");
                EndLine();
                return count;
            case 35:
                return 3;
            case (>= 0 and <= 6) or (>= 20 and <= 30) or 48:
                return 2;
            case (>= 13 and <= 16) or 34 or (>= 37 and <= 53):
                return 1;
            default:
                throw new InvalidDataException($"opcode {opcode} at {_at}");
        }
    }

    private void Say(FormattableString line) => _lines.Add(FormattableString.Invariant(line));

    private char Key() => (char)_bytes[_at++];

    private int Integer()
    {
        if (!_isBinary) return int.Parse(Word(), CultureInfo.InvariantCulture);
        _at += 4;
        return BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_at - 4));
    }

    private int Short()
    {
        _at += 2;
        return BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(_at - 2));
    }

    private double Real()
    {
        if (!_isBinary) return double.Parse(Word(), CultureInfo.InvariantCulture);
        _at += 8;
        return BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(_at - 8));
    }

    private string Word()
    {
        if (_bytes[_at] == ' ') _at++;
        int start = _at;
        while (_bytes[_at] is not ((byte)' ' or (byte)'\n')) _at++;
        return Encoding.ASCII.GetString(_bytes, start, _at - start);
    }

    private void EndLine()
    {
        if (_isBinary) return;
        if (_bytes[_at] != '\n') throw new InvalidDataException($"more on the line at {_at}");
        _at++;
    }
}
