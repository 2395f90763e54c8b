/** Every file format: ONNX, npy and npz, PNG, data sets. */
module dev.reprise.loaders {
    requires transitive dev.reprise.engine;
    requires com.google.protobuf;
    requires org.apache.commons.compress;
    // JPEG, where the runtime has it.
    requires static java.desktop;

    exports dev.reprise.loaders;
    exports dev.reprise.loaders.architecture;
    exports dev.reprise.loaders.data;
    exports dev.reprise.loaders.image;
    exports dev.reprise.loaders.npy;
    exports dev.reprise.loaders.onnx;
    exports dev.reprise.loaders.synthetic;
    exports dev.reprise.loaders.tokenizer;
    exports dev.reprise.loaders.weights;
}
