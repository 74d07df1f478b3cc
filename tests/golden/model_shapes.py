"""The published sizes of Stable Diffusion's networks, as keyword arguments of diffusers' classes."""

LEVELS = (320, 640, 1280, 1280)

SD15_UNET = {"cross_attention_dim": 768, "attention_head_dim": 8, "sample_size": 64}

SD21_UNET = {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "sample_size": 96,
             "use_linear_projection": True}

SDXL_UNET = {"cross_attention_dim": 2048, "attention_head_dim": [5, 10, 20], "sample_size": 128,
             "block_out_channels": LEVELS[:3], "transformer_layers_per_block": [1, 2, 10],
             "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
             "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
             "use_linear_projection": True, "addition_embed_type": "text_time",
             "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2816}

REFINER_UNET = {"cross_attention_dim": 1280, "attention_head_dim": [6, 12, 24, 24],
                "sample_size": 128, "block_out_channels": (384, 768, 1536, 1536),
                "transformer_layers_per_block": 4,
                "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                                     "DownBlock2D"),
                "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D",
                                   "UpBlock2D"),
                "use_linear_projection": True, "addition_embed_type": "text_time",
                "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2560}

# Of all of them.
VAE = {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2,
       "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
       "sample_size": 512}
