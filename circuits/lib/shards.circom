pragma circom 2.1.0;

// Reads and replaces one element of the shard array.
//   assumes:    indexBits[] are bits, least significant first.
//   guarantees: shardsIn[index] = oldRoot; shardsOut[index] = newRoot; every other element is the same in both.
//   indexBits[]: 1 bit; the others: field elements.
//   Constraints: 2^indexWidth - 1 (read) + 2^indexWidth (write) + 1 linear = 128 for 64 shards.
template ShardUpdate(indexWidth) {
    var count = 2 ** indexWidth;
    signal input indexBits[indexWidth];
    signal input shardsIn[count];
    signal input oldRoot;
    signal input newRoot;
    signal output shardsOut[count];

    // Read: a binary tree of multiplexers. nodes[] holds the inputs, then the outputs of each layer.
    var nodes[2 * count - 1];
    signal selected[count - 1];
    for (var i = 0; i < count; i++) {
        nodes[i] = shardsIn[i];
    }
    var layerStart = 0;
    var next = 0;
    var index = 0;
    for (var bit = 0; bit < indexWidth; bit++) {
        var width = count >> bit;
        for (var i = 0; i < width / 2; i++) {
            selected[next] <== nodes[layerStart + 2 * i]
                + indexBits[bit] * (nodes[layerStart + 2 * i + 1] - nodes[layerStart + 2 * i]);
            nodes[count + next] = selected[next];
            next++;
        }
        layerStart += width;
        index += indexBits[bit] * 2 ** bit;
    }
    selected[count - 2] === oldRoot;

    // Write: an element can differ only where its position equals the index, and the difference of all elements
    // together, hence of that one, is newRoot − oldRoot.
    var change = 0;
    for (var i = 0; i < count; i++) {
        shardsOut[i] <-- index == i ? newRoot : shardsIn[i];
        (shardsOut[i] - shardsIn[i]) * (index - i) === 0;
        change += shardsOut[i] - shardsIn[i];
    }
    change === newRoot - oldRoot;
}
